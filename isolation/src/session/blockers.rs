//! Who is in the way: the sessions that a waiting statement waits for.

use std::fmt;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::ddl::Together;
use super::statement;
use crate::names::{QualifiedName, literal};

/// A session that holds, or is ahead in the queue for, a lock somebody waits for.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Blocker {
    /// The server process; 0 for a prepared transaction, which has none.
    pub pid: i32,
    /// What it calls itself.
    pub application_name: String,
    /// `active`, `idle in transaction`, …
    pub state: String,
    /// Since when its transaction is open, as the server's clock says.
    pub since: String,
    /// What it runs, or ran last; the first hundred characters.
    pub query: String,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pid == 0 {
            return f.write_str(
                "a prepared transaction: see pg_prepared_xacts, then COMMIT PREPARED or ROLLBACK PREPARED",
            );
        }
        let name =
            if self.application_name.is_empty() { "unnamed" } else { &self.application_name };
        write!(
            f,
            "pid {} ({name}, {}, transaction open since {}): {}",
            self.pid, self.state, self.since, self.query
        )
    }
}

// Without the privilege to see another role's activity, `query` and `state` are NULL or say so;
// the pid is always there.
const COLUMNS: &str = "
           coalesce(a.application_name, '') AS application_name,
           coalesce(a.state, 'unknown') AS state,
           coalesce(to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ'), 'unknown') AS since";

/// What another session runs, as SQL over such as `pg_stat_activity.query`: its first hundred
/// characters, on one line, and without the texts in it, which may be anybody's secrets.
#[must_use]
pub fn query_in_short(query: &str) -> String {
    // A text between quotes, doubled ones in it included, or between dollar quotes; either may
    // have been cut off.
    format!(
        r"left(regexp_replace(regexp_replace(regexp_replace({query},
               '''([^'']|'''')*(''|$)', '''…''', 'g'),
               '\$([A-Za-z_]*?)\$.*?(\$\1\$|$)', '$…$', 'g'),
               '[[:space:][:cntrl:]]+', ' ', 'g'), 100)"
    )
}

fn columns() -> String {
    format!("{COLUMNS}, coalesce({}, '') AS query", query_in_short("a.query"))
}

/// The sessions that this server process waits for; none when it does not wait.
///
/// # Errors
/// What the database answers.
pub async fn blockers_of<C: ConnectionTrait>(db: &C, pid: i32) -> Result<Vec<Blocker>, DbErr> {
    let sql = format!(
        "SELECT b.pid,{}
         FROM unnest(pg_blocking_pids($1)) AS b (pid)
         LEFT JOIN pg_stat_activity a ON a.pid = b.pid
         ORDER BY a.xact_start NULLS LAST",
        columns()
    );
    Blocker::find_by_statement(statement(sql, [pid.into()])).all(db).await
}

/// The session that builds this index, and those it waits for; none when nobody builds it.
///
/// # Errors
/// What the database answers.
pub async fn builders_of<C: ConnectionTrait>(
    db: &C,
    index: &QualifiedName,
) -> Result<Vec<Blocker>, DbErr> {
    let sql = format!(
        "WITH builder AS (
             SELECT p.pid FROM pg_stat_progress_create_index p
             WHERE p.datname = current_database() AND p.index_relid = to_regclass($1)
         )
         SELECT a.pid,{}
         FROM (SELECT 1 AS place, pid FROM builder
               UNION SELECT 2, unnest(pg_blocking_pids(pid)) FROM builder) AS b
         JOIN pg_stat_activity a ON a.pid = b.pid
         ORDER BY b.place",
        columns()
    );
    Blocker::find_by_statement(statement(sql, [index.sql().into()])).all(db).await
}

/// The sessions that hold these locks on these tables in transactions that have been open for
/// longer than this. Nothing is locked to find out, and nobody is kept waiting.
pub(super) async fn entrenched<C: ConnectionTrait>(
    db: &C,
    together: Together<'_>,
    for_longer_than: Duration,
) -> Result<Vec<Blocker>, DbErr> {
    if together.tables.is_empty() {
        return Ok(Vec::new());
    }
    let tables: Vec<_> = together.tables.iter().map(|table| literal(&table.sql())).collect();
    let modes: Vec<_> = together.modes.iter().map(|mode| literal(mode)).collect();
    let sql = format!(
        "SELECT a.pid,{}
         FROM pg_stat_activity a
         WHERE a.xact_start < clock_timestamp() - $1::bigint * interval '1 ms'
           AND EXISTS (SELECT FROM pg_locks l
               WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted AND l.mode IN ({})
                 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND l.relation IN (SELECT to_regclass(name)::oid FROM unnest(ARRAY[{}]) AS t (name)))
         ORDER BY a.xact_start",
        columns(),
        modes.join(", "),
        tables.join(", ")
    );
    let longer = i64::try_from(for_longer_than.as_millis()).unwrap_or(i64::MAX);
    Blocker::find_by_statement(statement(sql, [longer.into()])).all(db).await
}
