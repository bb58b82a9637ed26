//! Transactions that have been open for long: CREATE INDEX CONCURRENTLY waits for every one that
//! is older than itself, and ALTER gives way, again and again, to one that has locked its table.

use std::time::Duration;

use isolation::names::quoted;
use isolation::session::blockers::query_in_short;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;

use super::due::Due;
use super::{Check, Finding, Severity, facts};

/// So many are named, the oldest first.
const NAMED: usize = 10;

#[derive(Debug, Default, Deserialize)]
struct Facts {
    role: String,
    open: Vec<Open>,
    hidden: Vec<i32>,
}

/// A session with a transaction.
#[derive(Debug, Default, Deserialize)]
struct Open {
    pid: i32,
    application: String,
    state: String,
    seconds: f64,
    since: String,
    statement_since: String,
    query: String,
    tables: Vec<u32>,
}

// Every transaction holds the lock of its own virtual identifier, which everybody may see; since
// when it is open is seen by members of the session's role and of pg_read_all_stats only.
//
// A server process that goes on building an index for a command of ours that was killed is waited
// for by the executor, and autovacuum is outwaited by nobody: neither is anybody to be ended.
const FACTS: &str = "
WITH locks AS MATERIALIZED (
    SELECT pid, locktype, relation, database FROM pg_locks WHERE granted AND pid IS NOT NULL
), held AS (
    SELECT l.pid, json_agg(DISTINCT l.relation::bigint) AS tables
    FROM locks l
    JOIN json_array_elements_text($1::json) AS due (oid) ON due.oid::bigint::oid = l.relation
    WHERE l.locktype = 'relation'
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY l.pid
), session AS MATERIALIZED (
    SELECT * FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND application_name IS DISTINCT FROM 'workspace-isolation migration'
)
SELECT json_build_object(
    'role', current_user,
    'open', (SELECT coalesce(json_agg(json_build_object(
            'pid', s.pid,
            'application', coalesce(nullif(s.application_name, ''), 'unnamed'),
            'state', coalesce(s.state, 'unknown'),
            'seconds', extract(epoch FROM clock_timestamp() - s.xact_start)::float8,
            'since', to_char(s.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ'),
            'statement_since', coalesce(to_char(s.query_start, 'YYYY-MM-DD HH24:MI:SS TZ'), 'unknown'),
            'query', coalesce({query}, ''),
            'tables', coalesce(h.tables, '[]')) ORDER BY s.xact_start), '[]')
        FROM session s LEFT JOIN held h ON h.pid = s.pid
        WHERE s.xact_start IS NOT NULL
          AND s.backend_type NOT IN ('autovacuum worker', 'autovacuum launcher', 'parallel worker')),
    'hidden', (SELECT coalesce(json_agg(s.pid ORDER BY s.pid), '[]') FROM session s
        WHERE s.query = '<insufficient privilege>'
          AND EXISTS (SELECT FROM locks l WHERE l.pid = s.pid AND l.locktype = 'virtualxid'))
)::text";

pub(super) async fn look<C: ConnectionTrait>(
    db: &C,
    due: &Due,
    longest: Duration,
) -> Result<Vec<Finding>, DbErr> {
    let sql = FACTS.replace("{query}", &query_in_short("s.query"));
    let facts: Facts = facts::read(db, &sql, due).await?;
    Ok(judge(&facts, due, longest))
}

fn judge(facts: &Facts, due: &Due, longest: Duration) -> Vec<Finding> {
    let is_long = |open: &&Open| open.seconds > longest.as_secs_f64();
    let long: Vec<_> = facts.open.iter().filter(is_long).collect();
    let mut findings: Vec<_> = long.iter().take(NAMED).map(|open| finding(open, due)).collect();
    if long.len() > NAMED {
        findings.push(Finding::new(
            Check::LongTransaction,
            Severity::Warns,
            None,
            &format!("{} more transactions are open for longer than that", long.len() - NAMED),
            "see pg_stat_activity, ORDER BY xact_start",
        ));
    }
    findings.extend(unseen(facts));
    findings
}

fn finding(open: &Open, due: &Due) -> Finding {
    let locked = due.names(&open.tables);
    let holds = match locked[..] {
        [] => "has locked none of the tables".to_owned(),
        _ => format!("has locked {}", locked.join(", ")),
    };
    let detail = format!(
        "pid {} ({}, {}) has a transaction open since {} ({} s) and {holds}; its last statement began {}: {}",
        open.pid,
        open.application,
        open.state,
        open.since,
        open.seconds.floor(),
        open.statement_since,
        open.query
    );
    let remedy = format!(
        "wait until it has ended, or end it: SELECT pg_terminate_backend({}); CREATE INDEX CONCURRENTLY \
         waits for it, and ALTER gives way to it",
        open.pid
    );
    let table = if let [only] = locked[..] { Some(only) } else { None };
    Finding::new(Check::LongTransaction, Severity::Warns, table, &detail, &remedy)
}

fn unseen(facts: &Facts) -> Option<Finding> {
    if facts.hidden.is_empty() {
        return None;
    }
    let pids: Vec<_> = facts.hidden.iter().take(NAMED).map(ToString::to_string).collect();
    let more = if facts.hidden.len() > NAMED { ", …" } else { "" };
    let detail = format!(
        "sessions of other roles have transactions open ({}), and role {} cannot see since when: pid {}{more}",
        facts.hidden.len(),
        facts.role,
        pids.join(", ")
    );
    let remedy = format!("GRANT pg_read_all_stats TO {}", quoted(&facts.role));
    Some(Finding::new(Check::LongTransaction, Severity::Unknown, None, &detail, &remedy))
}

#[cfg(test)]
mod tests {
    use super::super::due::{DueTable, WaitsFor};
    use super::*;

    fn due() -> Due {
        let table = |oid, name: &str| DueTable {
            oid,
            name: name.to_owned(),
            sql: String::new(),
            waits_for: WaitsFor::Everybody,
        };
        Due { tables: vec![table(1, "public.policies"), table(2, "public.findings")] }
    }

    fn open(seconds: f64, tables: &[u32]) -> Open {
        let text = |text: &str| text.to_owned();
        Open {
            pid: 7,
            application: text("report"),
            state: text("active"),
            seconds,
            since: text("2026-01-01"),
            statement_since: text("2026-01-02"),
            query: text("SELECT 1"),
            tables: tables.to_vec(),
        }
    }

    fn judged(open: Vec<Open>, hidden: Vec<i32>) -> Vec<Finding> {
        let facts = Facts { role: "app".to_owned(), open, hidden };
        judge(&facts, &due(), Duration::from_secs(30))
    }

    #[test]
    fn what_is_open_for_long_is_named_with_what_it_has_locked() {
        assert_eq!(judged(vec![open(30.0, &[1]), open(0.1, &[])], vec![]), []);
        let findings =
            judged(vec![open(30.5, &[1, 9]), open(31.0, &[1, 2]), open(99.9, &[])], vec![]);
        let tables: Vec<_> = findings.iter().map(|f| f.table.as_deref()).collect();
        assert_eq!(tables, [Some("public.policies"), None, None]);
        assert_eq!(
            findings[1].detail,
            "pid 7 (report, active) has a transaction open since 2026-01-01 (31 s) and has locked \
             public.policies, public.findings; its last statement began 2026-01-02: SELECT 1"
        );
        assert!(findings[2].detail.contains("has locked none of the tables"));
        assert!(findings.iter().all(|f| f.severity == Severity::Warns));
    }

    #[test]
    fn of_very_many_the_oldest_are_named() {
        let many = (0..25).map(|_| open(60.0, &[])).collect();
        let findings = judged(many, vec![]);
        assert_eq!(findings.len(), NAMED + 1);
        assert!(findings[NAMED].detail.starts_with("15 more transactions"));
    }

    #[test]
    fn what_cannot_be_seen_is_said_with_the_right_that_shows_it() {
        let findings = judged(vec![], vec![3, 4]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].detail.ends_with("pid 3, 4"), "{}", findings[0].detail);
        assert_eq!(findings[0].remedy, "GRANT pg_read_all_stats TO \"app\"");
    }
}
