//! Each phase up and down, with the catalog compared whole.

use serde_json::Value;

use crate::harness::{Answer, Database, assert_same};

fn goes_up_and_back(db: &Database, phase: &str, yes: &str) {
    let before = (db.catalog(), db.data());
    db.up(phase).prints(&format!("Phase {phase} is applied"));
    let applied = db.catalog();
    assert_ne!(applied, before.0);
    db.up(phase).prints("Nothing to do");
    assert_same(&db.catalog(), &applied);
    let down = format!("down --phase {phase} {yes}");
    db.migration(&down).is(0).prints(&format!("Phase {phase} is taken back"));
    assert_same(&db.catalog(), &before.0);
    let again = db.migration(&down).is(0);
    again.prints(&format!("Nothing to do: phase {phase} is not applied.\n"));
    assert_same(&db.catalog(), &before.0);
}

/// The application's own rows, without our ledger and notes.
fn rows(db: &Database) -> Vec<String> {
    db.data()
        .lines()
        .filter(|line| !line.starts_with("workspace_isolation"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn phase_1_goes_up_and_back_without_a_trace() {
    let db = Database::legacy();
    let rows_before = rows(&db);
    goes_up_and_back(&db, "1", "--yes");
    assert_eq!(rows(&db), rows_before);
}

#[test]
fn phase_1_5_goes_up_and_back_without_a_trace() {
    let db = Database::columns();
    let rows_before = rows(&db);
    goes_up_and_back(&db, "1.5", "");
    assert_eq!(rows(&db), rows_before);
}

#[test]
fn phase_3_goes_up_and_back_without_a_trace() {
    let db = Database::bound();
    let rows_before = rows(&db);
    goes_up_and_back(&db, "3", "");
    assert_eq!(rows(&db), rows_before);
}

#[test]
fn an_empty_database_goes_through_all_phases_and_back() {
    let db = Database::empty();
    let before = db.catalog();
    for phase in ["1", "1.5", "3"] {
        db.up(phase);
    }
    db.validate("--phase 3").is(0);
    db.migration("down --phase 1 --yes").is(0).prints("Phases 3, 1.5 and 1 are taken back: ");
    assert_same(&db.catalog(), &before);
}

#[test]
fn the_later_phases_that_went_along_are_named() {
    let db = Database::finished();
    db.migration("down --phase 1.5").is(0).prints("Phases 3 and 1.5 are taken back: ");
}

#[test]
fn what_is_not_applied_is_taken_back_without_changing_anything() {
    for db in [Database::legacy(), Database::columns(), Database::bound()] {
        let is_guarded = db.catalog().contains("zz_workspace_isolation");
        let is_legacy = !db.catalog().contains("schema workspace_isolation");
        db.untouched_by(|| {
            db.migration("down --phase 3").is(0).prints("Nothing to do");
            if !is_guarded {
                db.migration("down --phase 1.5").is(0).prints("Nothing to do");
            }
            if is_legacy {
                db.migration("down --phase 1 --yes").is(0).prints("Nothing to do");
            }
        });
    }
}

#[test]
fn from_the_end_to_the_very_beginning_in_one_go() {
    let legacy = Database::legacy();
    let db = Database::finished();
    let answer = db.migration("down --phase 1 --yes --format json").is(0).json();
    assert_same(&db.catalog(), &legacy.catalog());
    let owned = |db: &Database| {
        let mut rows = rows(db);
        // Binding filled the audit trail's own column, which is not the toolkit's to empty.
        rows.retain(|line| !line.starts_with("audit_logs"));
        rows
    };
    assert_eq!(owned(&db), owned(&legacy));
    let migrations = answer["migrations"].as_array().map(Vec::len);
    assert_eq!(migrations, Some(9), "{answer}");
}

#[test]
fn a_later_phase_goes_with_an_earlier_one() {
    let db = Database::finished();
    db.migration("down --phase 1.5").is(0);
    assert_same(&db.catalog(), &Database::columns().catalog());
    assert_eq!(db.unbound(), 0, "only phase 1 may drop what is in the columns");
}

#[test]
fn taking_phase_1_back_wants_a_yes() {
    let db = Database::columns();
    db.untouched_by(|| {
        db.migration("down --phase 1")
            .is(2)
            .says("drops the workspace columns")
            .next("migration down --phase 1 --yes");
    });
}

/// Objects as the rollout would make them, made by the application before it.
const THE_APPLICATIONS_OWN: &str = "
    ALTER TABLE policies ADD COLUMN workspace_id bigint;
    UPDATE policies SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id;
    ALTER TABLE policies ALTER COLUMN workspace_id SET NOT NULL;
    CREATE INDEX policies_workspace_id_index ON policies (workspace_id);
    ALTER TABLE policies ADD CONSTRAINT policies_workspace_id_foreign FOREIGN KEY (workspace_id) REFERENCES workspaces (id);
    ALTER TABLE findings ADD COLUMN workspace_id bigint;
    CREATE INDEX findings_workspace_id_index ON findings (workspace_id);
    ALTER TABLE entra_groups ADD COLUMN workspace_id bigint;
    UPDATE entra_groups SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id AND t.id % 2 = 0;
    CREATE UNIQUE INDEX tenants_id_workspace_id_unique ON tenants (id, workspace_id);
    ALTER TABLE entra_groups ADD CONSTRAINT entra_groups_tenant_id_workspace_id_foreign
        FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants (id, workspace_id) ON DELETE CASCADE;
    UPDATE audit_logs SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id;
    ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_workspace_required_check
        CHECK (tenant_id IS NULL OR workspace_id IS NOT NULL);";

#[test]
fn what_the_application_had_before_survives_the_way_back_from_phase_1() {
    let db = Database::legacy();
    db.execute(THE_APPLICATIONS_OWN);
    let before = (db.catalog(), rows(&db));
    db.up("1");
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &before.0);
    assert_eq!(rows(&db), before.1);
}

#[test]
fn what_the_application_had_before_survives_the_way_back_from_phase_3() {
    let db = Database::legacy();
    db.execute(THE_APPLICATIONS_OWN);
    let before = db.catalog();
    db.up("1");
    db.up("1.5");
    db.bind();
    db.up("3");
    db.validate("--phase 3").is(0);
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &before);
    assert_eq!(db.number("SELECT count(*) FROM policies WHERE workspace_id IS NULL"), 0);
}

#[test]
fn a_check_of_the_applications_that_already_proves_not_null_survives() {
    let db = Database::legacy();
    db.execute(
        "ALTER TABLE policies ADD COLUMN workspace_id bigint;
         UPDATE policies SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id;
         ALTER TABLE policies ADD CONSTRAINT policies_workspace_id_present CHECK (workspace_id IS NOT NULL)",
    );
    let before = db.catalog();
    db.up("1");
    db.up("1.5");
    db.bind();
    db.up("3");
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &before);
}

#[test]
fn the_applications_own_ledger_is_never_touched() {
    let db = Database::legacy();
    db.execute(
        "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL);
         INSERT INTO seaql_migrations VALUES ('m20200101_000001_the_applications_own', 1)",
    );
    let before = db.catalog();
    db.up("1");
    db.up("1.5");
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &before);
    let ledger = db.texts("SELECT version FROM seaql_migrations");
    assert_eq!(ledger, ["m20200101_000001_the_applications_own"]);
}

fn states(answer: &Answer) -> Vec<(String, String, bool)> {
    let answer = answer.json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let migrations = answer["migrations"].as_array().expect("migrations");
    migrations
        .iter()
        .map(|m| {
            let applied = m["applied"].as_bool().expect("applied");
            assert_eq!(applied, m["applied_at"].as_i64().is_some(), "{m}");
            (text(&m["phase"]), text(&m["name"]), applied)
        })
        .collect()
}

/// The phases that status says are applied, with the number of their migrations.
fn applied(db: &Database) -> String {
    let states = states(&db.migration("status --format json").is(0));
    assert_eq!(states.len(), 9, "{states:?}");
    let counted = ["1", "1.5", "3"].map(|phase| {
        let of_phase: Vec<_> = states.iter().filter(|(p, ..)| p == phase).collect();
        let applied = of_phase.iter().filter(|(.., applied)| *applied).count();
        format!("{phase}: {applied}/{}", of_phase.len())
    });
    counted.join(", ")
}

#[test]
fn status_tells_what_is_applied_before_between_and_after() {
    assert_eq!(applied(&Database::legacy()), "1: 0/3, 1.5: 0/2, 3: 0/4");
    assert_eq!(applied(&Database::columns()), "1: 3/3, 1.5: 0/2, 3: 0/4");
    assert_eq!(applied(&Database::bound()), "1: 3/3, 1.5: 2/2, 3: 0/4");
    let db = Database::finished();
    assert_eq!(applied(&db), "1: 3/3, 1.5: 2/2, 3: 4/4");
    db.migration("down --phase 1 --yes").is(0);
    assert_eq!(applied(&db), "1: 0/3, 1.5: 0/2, 3: 0/4");
}

#[test]
fn status_in_words_names_what_comes_next() {
    let status = |db: &Database| db.migration("status").is(0);
    status(&Database::legacy()).prints("pending").prints("next: migration up --phase 1\n");
    status(&Database::columns()).prints("next: migration up --phase 1.5\n");
    status(&Database::guarded())
        .prints("next: backfill run, validate, then migration up --phase 3");
    let answer = status(&Database::finished()).prints("next: validate --phase 3");
    assert!(!answer.stdout.contains("pending"), "{}", answer.stdout);
}

#[test]
fn status_tells_of_what_was_applied_and_has_gone_missing() {
    let db = Database::columns();
    db.execute("DROP INDEX findings_workspace_id_index");
    let answer = db.migration("status --format json").is(0).json();
    assert_eq!(answer["migrations"][1]["missing"], 1, "{answer}");
    db.migration("status")
        .is(0)
        .prints("applied, 1 to mend")
        .prints("next: migration up --phase 1\n");
}

#[test]
fn status_creates_nothing() {
    for db in [Database::legacy(), Database::columns(), Database::finished()] {
        db.untouched_by(|| db.migration("status").is(0));
    }
}

#[test]
fn status_needs_no_right_but_to_read() {
    let db = Database::legacy();
    let url = db.role("reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    db.untouched_by(|| Database::tool_at(&url, "migration").words("status").run().is(0));
    let db = Database::columns();
    let url = db.role("reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    db.untouched_by(|| {
        let answer = Database::tool_at(&url, "migration").words("status --format json").run();
        assert_eq!(states(&answer.is(0)).iter().filter(|(.., applied)| *applied).count(), 3);
    });
}

#[test]
fn plan_needs_no_right_but_to_read() {
    let db = Database::legacy();
    let url = db.role("reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    db.untouched_by(|| Database::tool_at(&url, "migration").words("plan").run().is(0));
}
