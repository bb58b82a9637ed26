//! Publications of tables that are to get a column.

use super::{found, only};
use crate::harness::Database;

#[test]
fn a_published_table_that_is_to_get_a_column_is_named_with_its_publications() {
    let db = Database::legacy();
    assert_eq!(found(&db, "1", "publication"), []);
    // The audit table has its column already.
    db.execute(
        "CREATE PUBLICATION feed FOR TABLE findings, audit_logs;
         CREATE PUBLICATION archive FOR TABLE findings",
    );
    if db.number("SELECT current_setting('server_version_num')::int") >= 150_000 {
        // A list of columns leaves a new one out.
        db.execute("CREATE PUBLICATION narrow FOR TABLE findings (id), policies (id)");
    }
    let finding = only(found(&db, "1", "publication"));
    assert_eq!(
        (finding.severity.as_str(), finding.table.as_deref()),
        ("warns", Some("public.findings"))
    );
    assert!(finding.detail.contains("is published by archive, feed: a subscriber"), "{finding:?}");
    assert_eq!(finding.remedy, "add the column to public.findings on the subscribers first");
    assert_eq!(found(&db, "1.5", "publication"), []);
    db.up("1").says("WARN publication: table public.findings");
    assert_eq!(found(&db, "1", "publication"), []);
}
