//! Who is in the way: the sessions that a waiting statement waits for.

use std::fmt;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement;

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
const BLOCKERS: &str = "
    SELECT b.pid,
           coalesce(a.application_name, '') AS application_name,
           coalesce(a.state, 'unknown') AS state,
           coalesce(to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ'), 'unknown') AS since,
           coalesce(left(regexp_replace(a.query, '\\s+', ' ', 'g'), 100), '') AS query
    FROM unnest(pg_blocking_pids($1)) AS b (pid)
    LEFT JOIN pg_stat_activity a ON a.pid = b.pid
    ORDER BY a.xact_start NULLS LAST";

/// The sessions that this server process waits for; none when it does not wait.
///
/// # Errors
/// What the database answers.
pub async fn blockers_of<C: ConnectionTrait>(db: &C, pid: i32) -> Result<Vec<Blocker>, DbErr> {
    Blocker::find_by_statement(statement(BLOCKERS, [pid.into()])).all(db).await
}
