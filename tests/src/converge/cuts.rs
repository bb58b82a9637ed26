//! Cut after every transaction of every phase, then asked again. Two tables and the audit trail
//! have every kind of statement that there is.

use crate::harness::{Database, ManifestFile, assert_same, steps};

fn two_tables() -> ManifestFile {
    ManifestFile::of_tables(&["policies", "findings"], &["audit_logs"])
}

/// A database on which this phase of the manifest comes next, every row bound before phase 3.
fn before(phase: &str, manifest: &ManifestFile) -> Database {
    let db = Database::legacy();
    let earlier: &[&str] = match phase {
        "1" => &[],
        "1.5" => &["1"],
        _ => &["1", "1.5"],
    };
    for phase in earlier {
        manifest.migration(&db, &format!("up --phase {phase}")).is(0);
    }
    if phase == "3" {
        db.execute(
            "SET LOCAL workspace_isolation.backfill = 'on';
             UPDATE policies SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id;
             UPDATE findings SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id;
             UPDATE audit_logs SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id",
        );
    }
    db
}

/// Cuts the phase after each of its transactions; `go_on` is given what was left behind.
fn cut_everywhere(phase: &str, fewest_steps: usize, go_on: impl Fn(&Database, &ManifestFile)) {
    let manifest = two_tables();
    let db = before(phase, &manifest);
    let plan = format!("plan --format json --phase {phase}");
    let steps = steps(&manifest.migration(&db, &plan).is(0));
    assert!(steps.len() >= fewest_steps, "{} steps", steps.len());
    let template = db.into_template();
    for cut in 0..=steps.len() {
        let db = template.copy();
        let mut session = db.session("the rollout that was cut");
        steps.iter().take(cut).for_each(|step| step.run(&mut session));
        drop(session);
        go_on(&db, &manifest);
    }
}

fn goes_on_to_the_same_end(phase: &str, fewest_steps: usize) {
    let reference = before(phase, &two_tables());
    let up = format!("up --phase {phase}");
    two_tables().migration(&reference, &up).is(0);
    let end = reference.catalog();
    cut_everywhere(phase, fewest_steps, |db, manifest| {
        manifest.migration(db, &up).is(0);
        assert_same(&db.catalog(), &end);
    });
}

fn goes_back_to_the_same_beginning(phase: &str, fewest_steps: usize, yes: &str) {
    let beginning = before(phase, &two_tables()).catalog();
    cut_everywhere(phase, fewest_steps, |db, manifest| {
        manifest.migration(db, &format!("down --phase {phase} {yes}")).is(0);
        assert_same(&db.catalog(), &beginning);
    });
}

#[test]
fn phase_1_cut_anywhere_goes_on_to_the_same_end() {
    goes_on_to_the_same_end("1", 11);
}

#[test]
fn phase_1_5_cut_anywhere_goes_on_to_the_same_end() {
    goes_on_to_the_same_end("1.5", 15);
}

#[test]
fn phase_3_cut_anywhere_goes_on_to_the_same_end() {
    goes_on_to_the_same_end("3", 14);
}

#[test]
fn phase_1_cut_anywhere_goes_back_to_the_same_beginning() {
    goes_back_to_the_same_beginning("1", 11, "--yes");
}

#[test]
fn phase_1_5_cut_anywhere_goes_back_to_the_same_beginning() {
    goes_back_to_the_same_beginning("1.5", 15, "");
}

#[test]
fn phase_3_cut_anywhere_goes_back_to_the_same_beginning() {
    goes_back_to_the_same_beginning("3", 14, "");
}
