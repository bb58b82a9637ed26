//! Replication slots that hold back write-ahead log or dead rows: the steps and the backfill write
//! much of both, and a slot that nobody reads keeps all of it until the volume is full.

use isolation::names::literal;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;

use super::{Check, Finding, Severity, facts, size};

/// More write-ahead log than this, in bytes, is worth a word.
const MUCH: u64 = 1 << 30;
/// So many transactions back, dead rows pile up.
const OLD: i64 = 1_000_000;

#[derive(Debug, Deserialize)]
struct Slot {
    name: String,
    active: bool,
    holds: bool,
    wal_status: Option<String>,
    retained: Option<i64>,
    xmin_age: Option<i64>,
    catalog_xmin_age: Option<i64>,
}

const FACTS: &str = "
SELECT coalesce(json_agg(json_build_object(
        'name', slot_name,
        'active', active,
        'holds', restart_lsn IS NOT NULL OR xmin IS NOT NULL OR catalog_xmin IS NOT NULL,
        'wal_status', wal_status,
        'retained', pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint,
        'xmin_age', age(xmin),
        'catalog_xmin_age', age(catalog_xmin)) ORDER BY slot_name), '[]')::text
FROM pg_replication_slots WHERE $1::text IS NOT NULL";

pub(super) async fn look<C: ConnectionTrait>(db: &C) -> Result<Vec<Finding>, DbErr> {
    let slots: Vec<Slot> = facts::read_of(db, FACTS, &[]).await?;
    Ok(slots.iter().filter_map(judge).collect())
}

fn judge(slot: &Slot) -> Option<Finding> {
    let retained = slot.retained.and_then(|bytes| u64::try_from(bytes).ok());
    let mut faults = Vec::new();
    if !slot.active && slot.holds {
        faults.push("nobody reads it".to_owned());
    }
    if let Some(bytes) = retained.filter(|bytes| *bytes > MUCH || !faults.is_empty()) {
        faults.push(format!("it holds back {} of write-ahead log", size::in_words(bytes)));
    }
    match slot.wal_status.as_deref() {
        Some(status @ ("extended" | "unreserved")) => {
            faults.push(format!("its wal_status is {status}: over the server's limits"));
        }
        Some("lost") => faults.push("its wal_status is lost: its reader cannot go on".to_owned()),
        Some(_) | None => {}
    }
    for (horizon, age) in [("xmin", slot.xmin_age), ("catalog_xmin", slot.catalog_xmin_age)] {
        if let Some(age) = age.filter(|age| *age > OLD) {
            faults.push(format!(
                "its {horizon} is {age} transactions old, behind which no dead row goes"
            ));
        }
    }
    if faults.is_empty() {
        return None;
    }
    let detail = format!("replication slot {}: {}", slot.name, faults.join(", "));
    let remedy = format!(
        "get its reader going, or, if nobody needs it: SELECT pg_drop_replication_slot({})",
        literal(&slot.name)
    );
    Some(Finding::new(Check::ReplicationSlot, Severity::Warns, None, &detail, &remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Slot {
        Slot {
            name: "standby_1".to_owned(),
            active: true,
            holds: true,
            wal_status: Some("reserved".to_owned()),
            retained: Some(16 << 20),
            xmin_age: Some(400),
            catalog_xmin_age: None,
        }
    }

    #[test]
    fn a_slot_that_keeps_up_is_no_finding() {
        assert_eq!(judge(&sound()), None);
        assert_eq!(judge(&Slot { active: false, holds: false, retained: None, ..sound() }), None);
    }

    #[test]
    fn whatever_a_slot_holds_back_is_said() {
        let status = |status: &str| Some(status.to_owned());
        for (slot, words) in [
            (Slot { active: false, ..sound() }, "nobody reads it, it holds back 16.0 MiB"),
            (Slot { retained: Some(5 << 30), ..sound() }, "it holds back 5.0 GiB"),
            (Slot { wal_status: status("extended"), ..sound() }, "wal_status is extended"),
            (Slot { wal_status: status("unreserved"), ..sound() }, "wal_status is unreserved"),
            (Slot { wal_status: status("lost"), ..sound() }, "wal_status is lost"),
            (Slot { xmin_age: Some(OLD + 1), ..sound() }, "xmin is 1000001 transactions old"),
            (Slot { catalog_xmin_age: Some(OLD + 1), ..sound() }, "its catalog_xmin is"),
        ] {
            let finding = judge(&slot);
            let is_said = finding.as_ref().is_some_and(|finding| finding.detail.contains(words));
            assert!(is_said, "no `{words}` in {finding:?}");
        }
    }
}
