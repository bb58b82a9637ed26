//! Replication slots that hold things back.

use super::{found, only};
use crate::harness::Database;

#[test]
fn a_slot_that_nobody_reads_is_named_with_what_it_holds_back() {
    let db = Database::apart(&[]);
    assert_eq!(found(&db, "1", "replication-slot"), []);
    // One that has never been used holds nothing.
    db.execute("SELECT pg_create_physical_replication_slot('unused')");
    assert_eq!(found(&db, "1", "replication-slot"), []);
    db.execute("SELECT pg_create_physical_replication_slot('left_behind', true)");
    db.execute("CREATE TABLE filler AS SELECT repeat('x', 100) FROM generate_series(1, 30000)");
    let finding = only(found(&db, "1", "replication-slot"));
    assert_eq!((finding.severity.as_str(), &finding.table), ("warns", &None));
    assert!(
        finding.detail.starts_with("replication slot left_behind: nobody reads it, it holds back "),
        "{finding:?}"
    );
    assert!(finding.detail.contains(" MiB of write-ahead log"), "{finding:?}");
    let drop = "SELECT pg_drop_replication_slot('left_behind')";
    assert!(finding.remedy.ends_with(drop), "{finding:?}");
    db.up("1").says("WARN replication-slot: replication slot left_behind");
    db.execute(drop);
    assert_eq!(found(&db, "1.5", "replication-slot"), []);
}
