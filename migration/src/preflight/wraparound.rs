//! VACUUM against wraparound: unlike any other autovacuum it gives way to nobody, so that every
//! step on its table waits until it has read the whole of it. And tables on which one is near.

use isolation::names::quoted;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;

use super::due::{Due, DueTable};
use super::{Check, Finding, Severity, facts};

/// From this share of `autovacuum_freeze_max_age` on it is near, in percent.
const NEAR: i64 = 90;

#[derive(Debug, Deserialize)]
struct Facts {
    role: String,
    tables: Vec<Age>,
    workers: Vec<Worker>,
}

/// How far a table is from its next VACUUM against wraparound.
#[derive(Debug, Deserialize)]
struct Age {
    oid: u32,
    transactions: i64,
    most_transactions: i64,
    multixacts: i64,
    most_multixacts: i64,
}

/// A session that holds on a table the lock that VACUUM takes.
#[derive(Debug, Deserialize)]
struct Worker {
    pid: i32,
    table: u32,
    /// What an autovacuum worker says it does; nothing where the role may not see it.
    says: Option<String>,
    pages: Option<i64>,
    pages_done: Option<i64>,
}

// The table is known by the lock, which everybody may see. A table's own setting can only lower
// the server's.
const FACTS: &str = "
WITH due AS (
    SELECT value::bigint::oid AS oid FROM json_array_elements_text($1::json)
)
SELECT json_build_object(
    'role', current_user,
    'tables', (SELECT coalesce(json_agg(json_build_object(
            'oid', c.oid::bigint,
            'transactions', age(c.relfrozenxid),
            'most_transactions', least(current_setting('autovacuum_freeze_max_age')::bigint, (
                SELECT option_value::bigint FROM pg_options_to_table(c.reloptions)
                WHERE option_name = 'autovacuum_freeze_max_age')),
            'multixacts', mxid_age(c.relminmxid),
            'most_multixacts', least(current_setting('autovacuum_multixact_freeze_max_age')::bigint, (
                SELECT option_value::bigint FROM pg_options_to_table(c.reloptions)
                WHERE option_name = 'autovacuum_multixact_freeze_max_age')))), '[]')
        FROM due JOIN pg_class c ON c.oid = due.oid WHERE c.relkind = 'r'),
    'workers', (SELECT coalesce(json_agg(json_build_object(
            'pid', l.pid,
            'table', l.relation::bigint,
            'says', nullif(a.query, '<insufficient privilege>'),
            'pages', p.heap_blks_total,
            'pages_done', p.heap_blks_scanned)), '[]')
        FROM pg_locks l JOIN due ON due.oid = l.relation
        JOIN pg_stat_activity a ON a.pid = l.pid
        LEFT JOIN pg_stat_progress_vacuum p ON p.pid = l.pid AND p.relid = l.relation
        WHERE l.granted AND l.locktype = 'relation' AND l.mode = 'ShareUpdateExclusiveLock'
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (a.backend_type = 'autovacuum worker' OR a.query = '<insufficient privilege>'))
)::text";

pub(super) async fn look<C: ConnectionTrait>(db: &C, due: &Due) -> Result<Vec<Finding>, DbErr> {
    let facts: Facts = facts::read(db, FACTS, due).await?;
    Ok(judge(&facts, due))
}

fn judge(facts: &Facts, due: &Due) -> Vec<Finding> {
    let known = facts.tables.iter().filter_map(|age| Some((age, due.table(age.oid)?)));
    known.filter_map(|(age, table)| judge_table(facts, age, table)).collect()
}

fn judge_table(facts: &Facts, age: &Age, table: &DueTable) -> Option<Finding> {
    // Until it has ended the table stays as old as it was: a younger one is vacuumed for another
    // reason, and that gives way.
    let (is_due, is_near) = (age.reaches(100), age.reaches(NEAR));
    let mut workers = facts.workers.iter().filter(|worker| worker.table == table.oid);
    match workers.find(|worker| worker.gives_way_to_nobody(is_due)) {
        Some(worker) => Some(running(worker, table, &facts.role)),
        None if is_near => Some(near(age, table)),
        None => None,
    }
}

impl Age {
    /// Whether it has come to this percentage of what starts a VACUUM against wraparound.
    fn reaches(&self, percent: i64) -> bool {
        let reaches = |age: i64, most: i64| age * 100 >= most * percent;
        reaches(self.transactions, self.most_transactions)
            || reaches(self.multixacts, self.most_multixacts)
    }
}

impl Worker {
    /// Whether this is a VACUUM against wraparound: it says so, or may not be seen and is at work
    /// on a table that is due for one.
    fn gives_way_to_nobody(&self, is_due: bool) -> bool {
        match &self.says {
            Some(says) => says.starts_with("autovacuum: VACUUM") && says.contains("wraparound"),
            None => is_due,
        }
    }
}

fn running(worker: &Worker, table: &DueTable, role: &str) -> Finding {
    let progress = match (worker.pages_done, worker.pages) {
        (Some(done), Some(pages)) => format!("{done} of {pages} pages read"),
        _ => format!("its progress is hidden without GRANT pg_read_all_stats TO {}", quoted(role)),
    };
    let what = if worker.says.is_some() { "an" } else { "by all that can be seen an" };
    let detail = format!(
        "{what} autovacuum to prevent wraparound is at work on {} (pid {}, {progress}); it gives way to nobody",
        table.name, worker.pid
    );
    let remedy = format!(
        "wait until it has ended, and watch it with: SELECT * FROM pg_stat_progress_vacuum WHERE pid = {}",
        worker.pid
    );
    Finding::new(Check::WraparoundVacuum, Severity::Stops, Some(&table.name), &detail, &remedy)
}

fn near(age: &Age, table: &DueTable) -> Finding {
    let detail = format!(
        "an autovacuum to prevent wraparound, which gives way to nobody, may begin on {} at any time: \
         its oldest row is {} transactions old of {} (multixacts: {} of {})",
        table.name, age.transactions, age.most_transactions, age.multixacts, age.most_multixacts
    );
    let remedy = format!("be quick, or have it behind you: VACUUM (FREEZE) {}", table.sql);
    Finding::new(Check::WraparoundNear, Severity::Warns, Some(&table.name), &detail, &remedy)
}

#[cfg(test)]
mod tests {
    use super::super::due::WaitsFor;
    use super::*;

    const FREEZING: &str = "autovacuum: VACUUM public.policies (to prevent wraparound)";

    fn judged(transactions: i64, multixacts: i64, workers: &[Option<&str>]) -> Vec<Finding> {
        let table = DueTable {
            oid: 1,
            name: "public.policies".to_owned(),
            sql: "\"public\".\"policies\"".to_owned(),
            waits_for: WaitsFor::Changes,
        };
        let worker = |says: Option<&str>| Worker {
            pid: 7,
            table: 1,
            says: says.map(str::to_owned),
            pages: says.map(|_| 10),
            pages_done: says.map(|_| 3),
        };
        let age = Age {
            oid: 1,
            transactions,
            most_transactions: 200_000_000,
            multixacts,
            most_multixacts: 400_000_000,
        };
        let workers = workers.iter().copied().map(worker).collect();
        let facts = Facts { role: "app".to_owned(), tables: vec![age], workers };
        judge(&facts, &Due { tables: vec![table] })
    }

    fn check(findings: &[Finding]) -> Option<(Check, Severity)> {
        assert!(findings.len() < 2, "{findings:?}");
        findings.first().map(|finding| (finding.check, finding.severity))
    }

    #[test]
    fn it_is_near_from_nine_tenths_on_of_either_counter() {
        let near = Some((Check::WraparoundNear, Severity::Warns));
        assert_eq!(check(&judged(179_999_999, 0, &[])), None);
        assert_eq!(check(&judged(180_000_000, 0, &[])), near);
        assert_eq!(check(&judged(0, 359_999_999, &[])), None);
        assert_eq!(check(&judged(0, 360_000_000, &[])), near);
        let remedy = &judged(180_000_000, 0, &[])[0].remedy;
        assert!(remedy.ends_with("VACUUM (FREEZE) \"public\".\"policies\""), "{remedy}");
    }

    #[test]
    fn one_at_work_stops_and_an_ordinary_one_does_not() {
        let stops = Some((Check::WraparoundVacuum, Severity::Stops));
        let near = Some((Check::WraparoundNear, Severity::Warns));
        assert_eq!(check(&judged(200_000_000, 0, &[Some(FREEZING)])), stops);
        let ordinary = Some("autovacuum: VACUUM public.policies");
        assert_eq!(check(&judged(200_000_000, 0, &[ordinary])), near);
        assert_eq!(check(&judged(100, 0, &[ordinary])), None);
        assert_eq!(check(&judged(200_000_000, 0, &[ordinary, Some(FREEZING)])), stops);
        let findings = judged(200_000_000, 0, &[Some(FREEZING)]);
        assert!(findings[0].detail.contains("3 of 10 pages read"), "{}", findings[0].detail);
    }

    #[test]
    fn one_that_is_hidden_is_known_by_the_age_of_its_table() {
        assert_eq!(
            check(&judged(199_999_999, 0, &[None])).map(|found| found.1),
            Some(Severity::Warns)
        );
        let findings = judged(200_000_000, 0, &[None]);
        assert_eq!(check(&findings), Some((Check::WraparoundVacuum, Severity::Stops)));
        assert!(findings[0].detail.contains("GRANT pg_read_all_stats TO \"app\""));
    }
}
