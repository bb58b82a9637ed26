//! Manifests that cannot be used, or do not fit the database.

use super::refused;
use crate::harness::{Answer, Database, ManifestFile, assert_same};

const HEAD: &str = "[workspace]\ntable = \"workspaces\"\n[tenant]\ntable = \"tenants\"\n";

/// What `up --phase 1` answers to this manifest on this database.
#[track_caller]
fn answer(db: &Database, text: &str) -> Answer {
    let manifest = ManifestFile::of(text);
    refused(db, 2, || manifest.tool(db, "validate").run());
    refused(db, 2, || manifest.migration(db, "plan"));
    let answer = refused(db, 2, || manifest.migration(db, "up --phase 1"));
    answer.says(manifest.path())
}

const CORRECT_IT: &str = "correct the manifest";
const CHECK_IT: &str =
    "check that DATABASE_URL names the application's database and --manifest its tables";

#[test]
fn a_manifest_that_is_not_there_is_named() {
    let db = Database::legacy();
    let answer = refused(&db, 2, || {
        db.tool("migration").words("up --phase 1 --manifest /no/such/manifest.toml").run()
    });
    answer.says("read the manifest /no/such/manifest.toml: No such file").next(CORRECT_IT);
}

#[test]
fn a_manifest_that_is_not_toml_is_refused_with_its_line() {
    let db = Database::legacy();
    answer(&db, "[workspace]\ntable = workspaces\n").says("line 2: ").next(CORRECT_IT);
    answer(&db, "").says("missing field `workspace`").next(CORRECT_IT);
}

#[test]
fn unknown_fields_and_tables_listed_twice_are_reported_all_at_once() {
    let db = Database::legacy();
    let text = format!(
        "{HEAD}colour = \"blue\"\n[[tables]]\nname = \"policies\"\ntenant_colum = \"t\"\n[[tables]]\nname = \"policies\"\n"
    );
    answer(&db, &text)
        .says("line 5: unknown field `tenant.colour`")
        .says("line 8: unknown field `tables.0.tenant_colum`")
        .says("line 10: table policies is listed twice, first on line 7")
        .next(CORRECT_IT);
}

#[test]
fn tables_and_columns_that_do_not_exist_are_reported_all_at_once() {
    let db = Database::legacy();
    let text = format!(
        "{HEAD}[[tables]]\nname = \"polices\"\n[[tables]]\nname = \"atlas.findings\"\n\
         [[tables]]\nname = \"findings\"\ntenant_column = \"customer_id\"\n\
         [[audit_tables]]\nname = \"audit_logs\"\nworkspace_column = \"space_id\"\n"
    );
    answer(&db, &text)
        .says("table polices does not exist on the search path")
        .says("table atlas.findings does not exist")
        .says("table findings has no column customer_id")
        .says("audit table audit_logs has no column space_id")
        .next(CHECK_IT);
}

#[test]
fn keys_of_differing_types_are_reported_all_at_once() {
    let db = Database::legacy();
    db.execute(
        "ALTER TABLE policies ALTER COLUMN tenant_id TYPE integer;
         ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_fkey;
         ALTER TABLE findings ALTER COLUMN tenant_id TYPE text;
         ALTER TABLE entra_groups ADD COLUMN workspace_id uuid",
    );
    let answer = refused(&db, 2, || db.migration("up --phase 1"));
    answer
        .says("policies.tenant_id is integer, but the tenants' key is bigint")
        .says("findings.tenant_id is text, but the tenants' key is bigint")
        .says("entra_groups.workspace_id is uuid, but the workspaces' key is bigint")
        .next(CHECK_IT);
}

#[test]
fn a_workspace_column_of_the_wrong_type_is_refused_before_anything_is_made() {
    let db = Database::legacy();
    db.execute("ALTER TABLE policies ADD COLUMN workspace_id integer");
    refused(&db, 2, || db.migration("up --phase 1"))
        .says("policies.workspace_id is integer, but the workspaces' key is bigint")
        .next(CHECK_IT);
}

#[test]
fn names_with_quotes_and_spaces_are_names_and_nothing_else() {
    let db = Database::legacy();
    let name = r#"no \"such\" table'; DROP TABLE policies; --"#;
    let text = format!(
        "{HEAD}[[tables]]\nname = \"{name}\"\n[[tables]]\nname = \"policies\"\ntenant_column = \"{name}\"\n"
    );
    answer(&db, &text)
        .says(r#"table no "such" table'; DROP TABLE policies; -- does not exist"#)
        .says(r#"table policies has no column no "such" table'; DROP TABLE policies; --"#)
        .next(CHECK_IT);
}

#[test]
fn a_view_is_not_a_table() {
    let db = Database::legacy();
    db.execute("CREATE VIEW all_policies AS SELECT * FROM policies");
    let text = format!("{HEAD}[[tables]]\nname = \"all_policies\"\n");
    answer(&db, &text).says("all_policies is a view, not a table").next(CHECK_IT);
}

#[test]
fn one_table_under_two_names_is_refused() {
    let db = Database::legacy();
    let text =
        format!("{HEAD}[[tables]]\nname = \"policies\"\n[[tables]]\nname = \"public.policies\"\n");
    answer(&db, &text).says("policies and public.policies are the same table").next(CHECK_IT);
}

#[test]
fn tables_that_inherit_or_are_partitions_are_refused_by_name() {
    let db = Database::legacy();
    db.execute(
        "CREATE TABLE old_policies () INHERITS (policies);
         CREATE TABLE events (id bigint, tenant_id bigint NOT NULL) PARTITION BY HASH (id);
         CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
    );
    let text = format!("{HEAD}[[tables]]\nname = \"policies\"\n[[tables]]\nname = \"events_0\"\n");
    answer(&db, &text)
        .says("other tables inherit from policies")
        .says("table events_0 is a partition")
        .next(CHECK_IT);
}

#[test]
fn going_back_with_a_manifest_that_names_fewer_tables_is_refused_naming_the_others() {
    let db = Database::guarded();
    let fewer = ManifestFile::of_tables(&["policies"], &["audit_logs"]);
    for down in ["down --phase 1.5", "down --phase 1 --yes"] {
        let answer = refused(&db, 1, || fewer.migration(&db, down));
        answer
            .says("the toolkit has changed tables that this manifest does not name: ")
            .says("findings")
            .next("--manifest");
    }
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &Database::legacy().catalog());
}
