//! What others have built on what is to be dropped.

use crate::harness::{Database, assert_same};

const TRIGGER: &str =
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER moved AFTER UPDATE OF workspace_id ON findings EXECUTE FUNCTION noted()";
const GENERATED: &str =
    "ALTER TABLE findings ADD doubled bigint GENERATED ALWAYS AS (workspace_id * 2) STORED";
const FUNCTION: &str = "CREATE FUNCTION bound() RETURNS bigint
    BEGIN ATOMIC SELECT count(workspace_id) FROM findings; END";
const KEY: &str = "ALTER TABLE findings ADD CONSTRAINT theirs
    FOREIGN KEY (workspace_id) REFERENCES workspaces (id) NOT VALID";
const KEY_TO_US: &str = "ALTER TABLE findings ADD CONSTRAINT findable UNIQUE (id, workspace_id);
    CREATE TABLE notes (finding_id bigint, workspace_id bigint, CONSTRAINT noted
        FOREIGN KEY (finding_id, workspace_id) REFERENCES findings (id, workspace_id))";
const KEY_TO_TENANTS: &str =
    "CREATE TABLE bills (tenant_id bigint, workspace_id bigint, CONSTRAINT billed
        FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants (id, workspace_id))";

const OF_FINDINGS: &str = "dependents: column workspace_id of public.findings is to be dropped, and others have built on it";
const OF_TENANTS: &str = "dependents: index tenants_id_workspace_id_unique of public.tenants is to be dropped, \
     and others have built on it";

/// Asserts that nothing is taken back for as long as this is there.
#[track_caller]
fn stops(db: &Database, create: &str, what: &str, dependent: &str) {
    db.execute(create);
    let answer = db.untouched_by(|| db.migration("down --phase 1 --yes")).is(1);
    assert!(!answer.stderr.contains("--despite"), "{}", answer.stderr);
    answer
        .says(&format!("{what}: {dependent}; drop or change it first"))
        .says("nothing can be done despite dependents")
        .next(&format!("drop or change it first: {dependent}"));
}

#[test]
fn what_others_have_built_on_our_columns_stops_before_the_first_of_them_is_dropped() {
    let db = Database::finished();
    for (create, dependent, drop) in [
        ("CREATE VIEW seen AS SELECT workspace_id FROM findings", "view seen", "DROP VIEW seen"),
        (
            "CREATE POLICY own ON findings USING (workspace_id = 1)",
            "policy own on table findings",
            "DROP POLICY own ON findings",
        ),
        (
            "CREATE RULE kept AS ON DELETE TO findings WHERE OLD.workspace_id = 0 DO INSTEAD NOTHING",
            "rule kept on table findings",
            "DROP RULE kept ON findings",
        ),
        (TRIGGER, "trigger moved on table findings", "DROP FUNCTION noted() CASCADE"),
        (GENERATED, "column doubled of table findings", "ALTER TABLE findings DROP COLUMN doubled"),
        (FUNCTION, "function bound()", "DROP FUNCTION bound()"),
        (KEY, "constraint theirs on table findings", "ALTER TABLE findings DROP CONSTRAINT theirs"),
        (
            KEY_TO_US,
            "constraint noted on table notes",
            "DROP TABLE notes; ALTER TABLE findings DROP CONSTRAINT findable",
        ),
    ] {
        stops(&db, create, OF_FINDINGS, dependent);
        db.execute(drop);
    }
    if db.number("SELECT current_setting('server_version_num')::int") >= 150_000 {
        let create = "CREATE PUBLICATION narrow FOR TABLE findings (id, workspace_id)";
        let dependent = "publication of table findings in publication narrow";
        stops(&db, create, OF_FINDINGS, dependent);
        db.execute("DROP PUBLICATION narrow");
    }
    stops(&db, KEY_TO_TENANTS, OF_TENANTS, "constraint billed on table bills");
    db.execute("DROP TABLE bills");
    let adopted = "ALTER TABLE tenants ADD UNIQUE USING INDEX tenants_id_workspace_id_unique";
    let dependent = "constraint tenants_id_workspace_id_unique on table tenants";
    stops(&db, adopted, OF_TENANTS, dependent);
}

#[test]
fn what_goes_with_a_column_and_what_we_drop_ourselves_stops_nothing() {
    let db = Database::finished();
    db.execute(
        "CREATE INDEX theirs ON findings (workspace_id, id);
         ALTER TABLE findings ADD CHECK (workspace_id > 0);
         CREATE VIEW seen AS SELECT workspace_id FROM findings",
    );
    // Nothing is dropped here that a view could stand on.
    db.migration("down --phase 3").is(0);
    db.migration("down --phase 1.5").is(0);
    db.untouched_by(|| db.migration("down --phase 1 --yes")).is(1).says(OF_FINDINGS);
    db.execute("DROP VIEW seen");
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &Database::legacy().catalog());
}

#[test]
fn a_key_of_somebody_elses_with_a_name_of_ours_is_not_dropped_with_our_column() {
    let db = Database::columns();
    let key = "ALTER TABLE findings ADD CONSTRAINT findings_workspace_id_foreign
        FOREIGN KEY (workspace_id) REFERENCES workspaces (id)";
    stops(&db, key, OF_FINDINGS, "constraint findings_workspace_id_foreign on table findings");
}
