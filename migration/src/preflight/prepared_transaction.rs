//! Prepared transactions: they hold their locks without any session, through restarts, until
//! somebody commits or rolls them back. A step that waits for one waits for ever.

use isolation::names::literal;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;

use super::due::Due;
use super::{Check, Finding, Severity, facts};

#[derive(Debug, Deserialize)]
struct Prepared {
    gid: String,
    owner: String,
    since: String,
    locks: Vec<Held>,
}

#[derive(Debug, Deserialize)]
struct Held {
    table: u32,
    mode: String,
}

// The documentation joins by virtualtransaction = '-1/' || transaction, which holds only after a
// restart: since 2021's minor releases a prepared transaction keeps the virtual identifier of the
// session that made it. Its lock on its own transaction identifier tells which one that is.
const FACTS: &str = "
WITH locks AS MATERIALIZED (
    SELECT locktype, relation, database, mode, transactionid, virtualtransaction
    FROM pg_locks WHERE granted AND pid IS NULL
)
SELECT coalesce(json_agg(json_build_object(
        'gid', p.gid,
        'owner', p.owner,
        'since', to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SS TZ'),
        'locks', (SELECT coalesce(json_agg(json_build_object('table', l.relation::bigint, 'mode', l.mode)), '[]')
                  FROM locks own
                  JOIN locks l ON l.virtualtransaction = own.virtualtransaction
                  JOIN json_array_elements_text($1::json) AS due (oid) ON due.oid::bigint::oid = l.relation
                  WHERE own.locktype = 'transactionid' AND own.transactionid = p.transaction
                    AND l.locktype = 'relation'
                    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    ) ORDER BY p.prepared), '[]')::text
FROM pg_prepared_xacts p WHERE p.database = current_database()";

pub(super) async fn look<C: ConnectionTrait>(db: &C, due: &Due) -> Result<Vec<Finding>, DbErr> {
    let prepared: Vec<Prepared> = facts::read(db, FACTS, due).await?;
    Ok(prepared.iter().map(|one| judge(one, due)).collect())
}

fn judge(prepared: &Prepared, due: &Due) -> Finding {
    let mut in_the_way: Vec<_> = prepared
        .locks
        .iter()
        .filter(|held| due.table(held.table).is_some_and(|t| t.waits_for.includes(&held.mode)))
        .map(|held| held.table)
        .collect();
    in_the_way.sort_unstable();
    in_the_way.dedup();
    let tables = due.names(&in_the_way);
    let gid = literal(&prepared.gid);
    let (severity, what) = if tables.is_empty() {
        (Severity::Warns, "is in no step's way, but keeps VACUUM from removing rows".to_owned())
    } else {
        (Severity::Stops, format!("holds locks on {}, for as long as it stands", tables.join(", ")))
    };
    let detail = format!(
        "prepared transaction {gid} of {}, prepared {}, {what}",
        prepared.owner, prepared.since
    );
    let remedy = format!("COMMIT PREPARED {gid} or ROLLBACK PREPARED {gid}, in this database");
    let table = if let [only] = tables[..] { Some(only) } else { None };
    Finding::new(Check::PreparedTransaction, severity, table, &detail, &remedy)
}

#[cfg(test)]
mod tests {
    use super::super::due::{DueTable, WaitsFor};
    use super::*;

    fn judged(waits_for: WaitsFor, locks: &[(u32, &str)]) -> Finding {
        let table = DueTable {
            oid: 1,
            name: "public.policies".to_owned(),
            sql: "\"public\".\"policies\"".to_owned(),
            waits_for,
        };
        let held = |(table, mode): &(u32, &str)| Held { table: *table, mode: (*mode).to_owned() };
        let prepared = Prepared {
            gid: "it's".to_owned(),
            owner: "app".to_owned(),
            since: "2026-01-01".to_owned(),
            locks: locks.iter().map(held).collect(),
        };
        judge(&prepared, &Due { tables: vec![table] })
    }

    #[test]
    fn it_stops_what_would_wait_for_its_locks_and_nothing_else() {
        let held = [(1, "RowExclusiveLock"), (1, "AccessShareLock"), (9, "AccessExclusiveLock")];
        let finding = judged(WaitsFor::Writers, &held);
        assert_eq!(finding.severity, Severity::Stops);
        assert_eq!(finding.table.as_deref(), Some("public.policies"));
        assert_eq!(
            finding.remedy,
            "COMMIT PREPARED 'it''s' or ROLLBACK PREPARED 'it''s', in this database"
        );
        for (waits_for, held) in [
            (WaitsFor::Writers, &held[1..]),
            (WaitsFor::Changes, &held[..]),
            (WaitsFor::Everybody, &held[2..]),
            (WaitsFor::Everybody, &[]),
        ] {
            assert_eq!(judged(waits_for, held).severity, Severity::Warns, "{held:?}");
        }
    }
}
