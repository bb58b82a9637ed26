//! Room on disk for the indexes.

use super::{found, found_by, only};
use crate::harness::{Database, assert_same};

/// Makes the catalog say that a table is larger than any disk.
const MAKE_HUGE: &str = "UPDATE pg_class SET reltuples = 1e15 WHERE oid = 'policies'::regclass";

#[test]
fn indexes_that_do_not_fit_stop_before_anything_is_changed() {
    let db = Database::legacy();
    assert_eq!(found(&db, "1", "disk-room"), []);
    db.execute(MAKE_HUGE);
    let finding = only(found(&db, "1", "disk-room"));
    assert_eq!(finding.severity, "stops");
    let data = db.server().data_dir().display().to_string();
    assert!(finding.detail.contains("the indexes will take about 20"), "{finding:?}");
    assert!(finding.detail.contains(&format!("the volume of {data} is to take 40")), "{finding:?}");
    assert_eq!(finding.remedy, format!("make room on the volume of {data}"));
    let answer = db.untouched_by(|| db.migration("up --phase 1")).is(1);
    answer.says("disk-room: the indexes will take about").next("make room on the volume of");
    // No index is due: nothing to find.
    assert_eq!(found(&db, "1.5", "disk-room"), []);
    let answer = db.migration("up --phase 1 --despite disk-room").is(0);
    answer.says("WARN going on despite disk-room");
    assert_same(&db.catalog(), &Database::columns().catalog());
    assert_eq!(found(&db, "1", "disk-room"), []);
}

#[test]
fn room_that_cannot_be_seen_is_said_to_be_unknown() {
    let db = Database::legacy();
    db.execute(MAKE_HUGE);
    let url = db.role("reader", "GRANT pg_read_all_data TO {role}");
    let tool = || Database::tool_at(&url, "migration");
    let finding = only(found_by(tool(), "1", "disk-room"));
    assert_eq!(finding.severity, "unknown");
    assert!(finding.detail.contains("the indexes will take about 20"), "{finding:?}");
    let grant = format!("GRANT pg_read_all_settings TO \"{}_reader\"", db.name());
    assert!(finding.remedy.starts_with(&format!("{grant}, or look at its volume")), "{finding:?}");
    db.execute(&grant);
    assert_eq!(only(found_by(tool(), "1", "disk-room")).severity, "stops");
}
