//! Every kind of check: green after the rollout, red for the damage it is there for, and green
//! again by the remedy it names.

use serde_json::{Value, json};

use super::{checks, ids_of, report};
use crate::harness::{Database, server};

/// A damage, the check that sees it, and how that says what is wrong.
struct Case {
    id: &'static str,
    damage: &'static str,
    detail: &'static str,
}

const STRUCTURE: [Case; 16] = [
    Case {
        id: "column/findings",
        damage: "ALTER TABLE findings DROP COLUMN workspace_id CASCADE",
        detail: "column workspace_id is missing",
    },
    Case {
        id: "index/findings",
        damage: "DROP INDEX findings_workspace_id_index",
        detail: "index findings_workspace_id_index is missing",
    },
    Case {
        id: "index/findings",
        damage: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'findings_workspace_id_index'::regclass",
        detail: "index findings_workspace_id_index is not valid",
    },
    Case {
        id: "guard/findings",
        damage: "DROP TRIGGER zz_workspace_isolation_update ON findings",
        detail: "trigger zz_workspace_isolation_update on findings is missing",
    },
    Case {
        id: "guard/findings",
        damage: "ALTER TABLE findings DISABLE TRIGGER zz_workspace_isolation_insert",
        detail: "trigger zz_workspace_isolation_insert on findings is disabled",
    },
    Case {
        id: "guard/findings",
        damage: "ALTER FUNCTION workspace_isolation.guard_public_findings() SECURITY INVOKER",
        detail: "trigger zz_workspace_isolation_insert on findings is not the one this toolkit makes",
    },
    Case {
        id: "guard/tenants",
        damage: "DROP TRIGGER zz_workspace_isolation_frozen ON tenants",
        detail: "trigger zz_workspace_isolation_frozen on tenants is missing",
    },
    Case {
        id: "guard/audit_logs",
        damage: "DROP TRIGGER zz_workspace_isolation_insert ON audit_logs",
        detail: "trigger zz_workspace_isolation_insert on audit_logs is missing",
    },
    Case {
        id: "not-null/findings",
        damage: "ALTER TABLE findings ALTER COLUMN workspace_id DROP NOT NULL",
        detail: "column workspace_id can be NULL",
    },
    Case {
        id: "foreign-key/findings",
        damage: "ALTER TABLE findings DROP CONSTRAINT findings_workspace_id_foreign",
        detail: "constraint findings_workspace_id_foreign is missing",
    },
    Case {
        id: "foreign-key/findings",
        damage: "ALTER TABLE findings DROP CONSTRAINT findings_workspace_id_foreign; ALTER TABLE findings ADD CONSTRAINT \
                 findings_workspace_id_foreign FOREIGN KEY (workspace_id) REFERENCES workspaces (id) NOT VALID",
        detail: "constraint findings_workspace_id_foreign is not validated",
    },
    Case {
        id: "composite-key/findings",
        damage: "ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_workspace_id_foreign",
        detail: "constraint findings_tenant_id_workspace_id_foreign is missing",
    },
    Case {
        id: "composite-key/findings",
        damage: "ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_workspace_id_foreign; \
                 ALTER TABLE findings ADD CONSTRAINT findings_tenant_id_workspace_id_foreign \
                 FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants (id, workspace_id) ON DELETE CASCADE NOT VALID",
        detail: "constraint findings_tenant_id_workspace_id_foreign is not validated",
    },
    Case {
        id: "composite-key/findings",
        damage: "ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_workspace_id_foreign; \
                 ALTER TABLE findings ADD CONSTRAINT findings_tenant_id_workspace_id_foreign \
                 FOREIGN KEY (tenant_id) REFERENCES tenants (id)",
        detail: "constraint findings_tenant_id_workspace_id_foreign is not what it should be",
    },
    Case {
        id: "check/audit_logs",
        damage: "ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_workspace_required_check",
        detail: "constraint audit_logs_workspace_required_check is missing",
    },
    Case {
        id: "check/audit_logs",
        damage: "ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_workspace_required_check; ALTER TABLE audit_logs \
                 ADD CONSTRAINT audit_logs_workspace_required_check CHECK (tenant_id IS NULL OR workspace_id IS NOT NULL) NOT VALID",
        detail: "constraint audit_logs_workspace_required_check is not validated",
    },
];

/// The only check of a report.
#[track_caller]
fn only(report: &Value) -> &Value {
    let [check] = &checks(report)[..] else { panic!("{report:#}") };
    check
}

/// The command that mends a check, once a person has cleared what stands in its way.
fn mending(db: &Database, check: &Value) -> String {
    let remedy = check["remedy"].as_str().expect("a remedy");
    match remedy.split_once("drop or rename what stands there, then: ") {
        Some((_, command)) => {
            db.execute(
                "ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_workspace_id_foreign",
            );
            command.to_owned()
        }
        None => remedy.to_owned(),
    }
}

#[test]
fn every_damage_to_the_structure_is_seen_in_words_and_mended_by_the_remedy() {
    for Case { id, damage, detail } in STRUCTURE {
        let db = Database::finished();
        db.execute(damage);
        let red = report(&db, "--phase 3");
        let failing = ids_of(&red, "fail");
        // Keys, index and guard go with their column; nothing else fails with another check.
        assert!(id.starts_with("column/") || failing == [id], "{damage}: {failing:?}");
        let check = checks(&red).iter().find(|check| check["id"] == id).expect("the check");
        assert_eq!(check["status"], "fail", "{damage}");
        assert_eq!((&check["count"], &check["sample_ids"]), (&json!(1), &json!([])), "{check:#}");
        let said = check["detail"].as_str().unwrap_or_default();
        assert!(said.starts_with(detail), "no `{detail}`: {said}");
        db.validate(&format!("--phase 3 --only {id}")).is(1).prints(&format!("{id}: {detail}"));
        let command = mending(&db, check);
        let words = command.strip_prefix("migration ").unwrap_or_else(|| panic!("{id}: {command}"));
        db.migration(words).is(0);
        db.validate(&format!("--phase 3 --only {id}")).is(0);
    }
}

/// What stands NOT VALID says nothing about the rows there are: since PostgreSQL 18 that can be NOT
/// NULL itself, before it is a CHECK.
#[test]
fn a_not_null_that_is_not_validated_is_none() {
    let (constraint, detail) = if server().version() < 18 {
        ("CHECK (workspace_id IS NOT NULL)", "column workspace_id can be NULL")
    } else {
        ("NOT NULL workspace_id", "NOT NULL of column workspace_id is not validated")
    };
    let db = Database::finished();
    db.execute(&format!(
        "ALTER TABLE findings ALTER COLUMN workspace_id DROP NOT NULL;
         ALTER TABLE findings ADD CONSTRAINT unproven {constraint} NOT VALID"
    ));
    let only = "--phase 3 --only not-null/findings";
    db.validate(only).is(1).prints(&format!("not-null/findings: {detail}"));
    db.up("3");
    db.validate(only).is(0);
}

#[test]
fn the_tenants_unique_index_is_seen_when_it_is_gone_or_not_valid_and_mended() {
    for (damage, detail) in [
        (
            "DROP INDEX tenants_id_workspace_id_unique",
            "index tenants_id_workspace_id_unique is missing",
        ),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'tenants_id_workspace_id_unique'::regclass",
            "index tenants_id_workspace_id_unique is not valid",
        ),
    ] {
        let db = Database::columns();
        db.execute(damage);
        assert_eq!(ids_of(&report(&db, "--phase 1"), "fail"), ["index/tenants"]);
        db.validate("--phase 1").is(1).prints(detail).prints("next: migration up --phase 1");
        db.up("1");
        db.validate("--phase 1").is(0);
    }
}

/// Rows damaged, with the exact answer of the check that sees them.
#[track_caller]
fn rows_are_seen(id: &str, damage: &str, count: i64, sample_ids: &[&str]) -> (Database, Value) {
    let db = Database::bound();
    let words = format!("--only {id}");
    let green = only(&report(&db, &words)).clone();
    assert_eq!((&green["status"], &green["count"]), (&json!("pass"), &json!(0)), "{green:#}");
    db.damage(damage);
    assert_eq!(ids_of(&report(&db, ""), "fail"), [id]);
    assert_eq!(
        ids_of(&report(&db, "--phase 3"), "fail").iter().filter(|failing| *failing == id).count(),
        1
    );
    let red = only(&report(&db, &words)).clone();
    let expected = json!({
        "id": id, "status": "fail", "count": count, "sample_ids": sample_ids,
        "sql": green["sql"], "remedy": green["remedy"],
    });
    assert_eq!(red, expected);
    assert_eq!(db.number(red["sql"].as_str().expect("SQL")), count, "its SQL stands alone");
    db.validate("").is(1).prints(&sample_ids.join(", ")).prints("phase 2: FAIL (1 of 37 checks)");
    (db, red)
}

#[test]
fn unbound_rows_are_counted_and_shown_and_the_backfill_mends_them() {
    let damage = "UPDATE policies SET workspace_id = NULL WHERE id IN (14, 12, 10, 8, 6, 4, 2)";
    let (db, red) = rows_are_seen("missing/policies", damage, 7, &["2", "4", "6", "8", "10"]);
    assert_eq!(red["remedy"], "backfill run");
    db.bind();
    db.validate("").is(0);
}

#[test]
fn rows_of_another_workspace_are_counted_and_shown() {
    let damage = "UPDATE findings SET workspace_id = workspace_id % 2 + 1 WHERE id = 3";
    let (db, red) = rows_are_seen("mismatch/findings", damage, 1, &["3"]);
    let remedy = red["remedy"].as_str().expect("a remedy");
    assert!(
        remedy.starts_with("correct workspace_id or tenant_id, whichever is wrong"),
        "{remedy}"
    );
    db.validate("").is(1).prints("next: validate explain mismatch/findings");
}

#[test]
fn rows_without_a_tenant_are_counted_and_shown() {
    let damage = "UPDATE findings SET tenant_id = 999999 WHERE id IN (5, 6)";
    let (_, red) = rows_are_seen("orphan/findings", damage, 2, &["5", "6"]);
    let remedy = red["remedy"].as_str().expect("a remedy");
    assert!(remedy.starts_with("claim the tenants"), "{remedy}");
}

#[test]
fn rows_whose_tenant_has_no_workspace_are_counted_and_shown() {
    let damage = "UPDATE tenants SET workspace_id = NULL WHERE id = (SELECT tenant_id FROM findings WHERE id = 1);
                  DELETE FROM findings WHERE id <> 1 AND tenant_id = (SELECT tenant_id FROM findings WHERE id = 1);
                  DELETE FROM policies WHERE tenant_id = (SELECT tenant_id FROM findings WHERE id = 1)";
    let db = Database::bound();
    db.damage(damage);
    let red = report(&db, "--only orphan/findings");
    assert_eq!(only(&red)["sample_ids"], json!(["1"]), "{red:#}");
    let none_left = report(&db, "--only orphan/policies");
    assert_eq!(only(&none_left)["status"], "pass");
}

#[test]
fn audit_rows_with_a_tenant_and_without_a_workspace_are_counted_and_shown() {
    let db = Database::bound();
    let first = db.text("SELECT min(id) FROM audit_logs WHERE tenant_id IS NOT NULL");
    let damage = format!("UPDATE audit_logs SET workspace_id = NULL WHERE id = {first}");
    let (db, red) = rows_are_seen("audit/audit_logs", &damage, 1, &[&first]);
    assert_eq!(red["remedy"], "backfill run");
    db.bind();
    db.validate("").is(0);
}

#[test]
fn a_row_that_is_unbound_and_has_no_tenant_fails_both_its_checks() {
    let db = Database::bound();
    db.damage("UPDATE findings SET tenant_id = 999999, workspace_id = NULL WHERE id = 5");
    let red = report(&db, "");
    assert_eq!(ids_of(&red, "fail"), ["missing/findings", "orphan/findings"]);
    // The backfill would stop at it: the orphan is to be seen to first.
    db.validate("").is(1).prints("next: validate explain orphan/findings");
}

#[test]
fn tables_without_a_key_and_with_a_key_of_several_columns_show_their_rows_too() {
    let db = Database::bound();
    db.execute(
        "ALTER TABLE findings DROP CONSTRAINT findings_pkey;
         ALTER TABLE entra_groups DROP CONSTRAINT entra_groups_pkey, ADD PRIMARY KEY (tenant_id, id)",
    );
    db.damage("UPDATE findings SET workspace_id = NULL WHERE id = 1; UPDATE entra_groups SET workspace_id = NULL WHERE id = 1");
    let key = db.text("SELECT tenant_id || ',' || id FROM entra_groups WHERE id = 1");
    let place = db.text("SELECT ctid::text FROM findings WHERE id = 1");
    let shown = |id: &str| only(&report(&db, &format!("--only {id}")))["sample_ids"].clone();
    assert_eq!(shown("missing/entra_groups"), json!([key]));
    assert_eq!(shown("missing/findings"), json!([place]));
}
