//! How findings are written, and what can be passed over.

use crate::harness::{Database, Tool};

#[test]
fn findings_are_one_line_each_in_every_form() {
    let db = Database::legacy();
    let mut report = db.session("nightly report");
    report
        .execute("BEGIN; LOCK TABLE tenants IN ACCESS SHARE MODE;\n\n -- what follows\n SELECT 1");
    let pid = report.pid();
    let plan = |format: &str| {
        db.migration(&format!("plan --phase 1 --long-transaction 1ms --format {format}"))
            .is(0)
            .stdout
    };
    let line = format!(
        "warns long-transaction: pid {pid} (nightly report, idle in transaction) has a transaction open"
    );
    let text = plan("text");
    let lines: Vec<_> = text.lines().filter(|l| l.contains("long-transaction")).collect();
    assert!(lines.len() == 1 && lines[0].starts_with(&line), "{text}");
    let script = plan("sql");
    let is_said = |l: &&str| l.starts_with(&format!("-- {line}"));
    assert_eq!(script.lines().filter(is_said).count(), 1, "{script}");
    // As a script it runs: nothing of a finding is a statement.
    report.execute("ROLLBACK");
    db.psql(&script);
    let json: serde_json::Value = serde_json::from_str(&plan("json")).unwrap();
    assert_eq!(json["findings"], serde_json::json!([]), "the script has left nothing to run");
}

#[test]
fn only_what_can_be_known_better_is_passed_over() {
    for (id, why) in [
        (
            "gremlins",
            "what can be passed over is prepared-transaction, wraparound-vacuum, disk-room",
        ),
        ("privileges", "nothing can be done despite it; what can be passed over is"),
        ("standby", "nothing can be done despite it; what can be passed over is"),
        ("dependents", "nothing can be done despite it; what can be passed over is"),
        ("publication", "it stops nothing; what can be passed over is"),
        ("long-transaction", "it stops nothing; what can be passed over is"),
    ] {
        for (command, help) in [
            ("up --phase 1 --despite", "migration up --help"),
            ("down --phase 3 --despite", "migration down --help"),
        ] {
            let answer = Tool::new("migration").words(command).arg(id).run().is(2);
            answer.says(why).next(help);
        }
    }
}
