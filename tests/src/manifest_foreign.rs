//! Another application altogether: names that want quoting, schemas, uuid and text keys, names as
//! long as they can be, tables without a key or with one of several columns.

use crate::harness::{Answer, Database, ManifestFile, Template, assert_same};

/// 63 bytes, as long as a name can be; everything that is made from it has to be shortened.
const LONG: &str = "Events_of_a_table_whose_name_is_as_long_as_PostgreSQL_lets_it_b";

const SCHEMA: &str = r#"
    CREATE SCHEMA "Ops-Data";
    CREATE TABLE "Ops-Data"."Work Spaces" ("Id" uuid PRIMARY KEY, title text);
    CREATE TABLE "Ops-Data"."Customers" (
        code text PRIMARY KEY, "Space Id" uuid REFERENCES "Ops-Data"."Work Spaces" ("Id"), title text);
    CREATE TABLE "Ops-Data"."Orders ""EU""" (
        year integer, number integer, "Customer Code" text NOT NULL REFERENCES "Ops-Data"."Customers" (code) ON DELETE CASCADE,
        total numeric, PRIMARY KEY (year, number));
    CREATE TABLE "Ops-Data".notes (customer text REFERENCES "Ops-Data"."Customers" (code), body text);
    CREATE TABLE notes (id uuid PRIMARY KEY, "Customer Code" text NOT NULL, body text);
    CREATE TABLE "{LONG}" (id text PRIMARY KEY, "Customer Code" text NOT NULL, what text);
    CREATE TABLE "Ops-Data"."Trail" (
        id bigserial PRIMARY KEY, "Customer Code" text, "Space Id" uuid, what text);
    INSERT INTO "Ops-Data"."Work Spaces" SELECT md5(i::text)::uuid, 'Space ' || i FROM generate_series(1, 3) i;
    INSERT INTO "Ops-Data"."Customers" SELECT 'c''"' || i, md5((i % 3 + 1)::text)::uuid FROM generate_series(1, 9) i;
    INSERT INTO "Ops-Data"."Orders ""EU""" SELECT 2020 + i % 5, i, 'c''"' || i % 9 + 1, i FROM generate_series(1, 200) i;
    INSERT INTO "Ops-Data".notes SELECT 'c''"' || i % 9 + 1, 'note' FROM generate_series(1, 100) i;
    INSERT INTO notes SELECT md5(i::text)::uuid, 'c''"' || i % 9 + 1, 'note' FROM generate_series(1, 100) i;
    INSERT INTO "{LONG}" SELECT 'event ' || i, 'c''"' || i % 9 + 1, 'x' FROM generate_series(1, 100) i;
    INSERT INTO "Ops-Data"."Trail" ("Customer Code", what)
        SELECT CASE WHEN i % 3 > 0 THEN 'c''"' || i % 9 + 1 END, 'x' FROM generate_series(1, 50) i;"#;

const MANIFEST: &str = r#"
    [workspace]
    table = "Ops-Data.Work Spaces"
    [tenant]
    table = "Ops-Data.Customers"
    workspace_column = "Space Id"
    [defaults]
    tenant_column = "Customer Code"
    workspace_column = "Space Id"
    [[tables]]
    name = 'Ops-Data.Orders "EU"'
    [[tables]]
    name = "Ops-Data.notes"
    tenant_column = "customer"
    workspace_column = "of the \"space\""
    [[tables]]
    name = "notes"
    [[tables]]
    name = "{LONG}"
    [[audit_tables]]
    name = "Ops-Data.Trail""#;

const BIND: &str = r#"
    SET LOCAL workspace_isolation.backfill = 'on';
    UPDATE "Ops-Data"."Orders ""EU""" o SET "Space Id" = c."Space Id" FROM "Ops-Data"."Customers" c WHERE c.code = o."Customer Code";
    UPDATE "Ops-Data".notes n SET "of the ""space""" = c."Space Id" FROM "Ops-Data"."Customers" c WHERE c.code = n.customer;
    UPDATE notes n SET "Space Id" = c."Space Id" FROM "Ops-Data"."Customers" c WHERE c.code = n."Customer Code";
    UPDATE "{LONG}" e SET "Space Id" = c."Space Id" FROM "Ops-Data"."Customers" c WHERE c.code = e."Customer Code";
    UPDATE "Ops-Data"."Trail" t SET "Space Id" = c."Space Id" FROM "Ops-Data"."Customers" c WHERE c.code = t."Customer Code""#;

fn with_names(text: &str) -> String {
    text.replace("{LONG}", LONG)
}

/// The other application's database, with its manifest.
struct Foreign {
    db: Database,
    manifest: ManifestFile,
}

impl Foreign {
    fn new() -> Self {
        static TEMPLATE: std::sync::OnceLock<Template> = std::sync::OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let db = Database::empty();
            db.execute(&with_names(SCHEMA));
            db.into_template()
        });
        Self { db: template.copy(), manifest: ManifestFile::of(&with_names(MANIFEST)) }
    }

    fn migration(&self, words: &str) -> Answer {
        self.manifest.migration(&self.db, words)
    }

    fn validate(&self, words: &str) -> Answer {
        self.manifest.tool(&self.db, "validate").words(words).run()
    }

    fn guarded() -> Self {
        let foreign = Self::new();
        foreign.migration("up --phase 1").is(0);
        foreign.migration("up --phase 1.5").is(0);
        foreign
    }

    fn finished() -> Self {
        let foreign = Self::guarded();
        foreign.db.execute(&with_names(BIND));
        foreign.migration("up --phase 3").is(0);
        foreign
    }
}

#[test]
fn names_are_as_long_as_names_can_be() {
    assert_eq!(LONG.len(), 63);
}

#[test]
fn the_whole_rollout_goes_there_and_back_without_a_trace() {
    let foreign = Foreign::new();
    let before = (foreign.db.catalog(), foreign.db.data());
    for phase in ["1", "1.5", "3"] {
        if phase == "3" {
            foreign.validate("").is(1).prints("missing/Ops-Data.Orders \"EU\"");
            foreign.db.execute(&with_names(BIND));
            foreign.validate("").is(0);
        }
        foreign.migration(&format!("up --phase {phase}")).is(0);
        foreign.migration(&format!("up --phase {phase}")).is(0).prints("Nothing to do");
    }
    foreign.validate("--phase 3").is(0).prints("phase 3: pass");
    foreign.migration("down --phase 1 --yes").is(0);
    assert_same(&foreign.db.catalog(), &before.0);
    // The trail's own column was there before and has been filled since.
    let but_trail = |data: &str| -> Vec<String> {
        data.lines().filter(|line| !line.contains("\"Trail\"")).map(str::to_owned).collect()
    };
    assert_eq!(but_trail(&foreign.db.data()), but_trail(&before.1));
}

#[test]
fn objects_are_called_by_their_tables_and_shortened_where_they_must_be() {
    let foreign = Foreign::finished();
    let names = foreign.db.texts(
        "SELECT relname FROM pg_class WHERE relkind = 'i' AND relname ~ 'workspace_id|^Events' AND relname !~ 'pkey$'
         UNION SELECT conname FROM pg_constraint WHERE conname ~ 'workspace|Events' AND contype IN ('f', 'c')",
    );
    for name in [
        "Orders \"EU\"_workspace_id_index",
        "notes_workspace_id_index",
        "Customers_id_workspace_id_unique",
        "Orders \"EU\"_workspace_id_foreign",
        "Orders \"EU\"_tenant_id_workspace_id_foreign",
        "Trail_workspace_required_check",
    ] {
        assert!(names.iter().any(|found| found == name), "no {name} in {names:?}");
    }
    let of_the_long = names.iter().filter(|name| name.starts_with("Events_of_a_table"));
    let lengths: Vec<_> = of_the_long.map(String::len).collect();
    assert_eq!(lengths, [63, 63, 63], "an index and two keys, each with a name of its own");
}

#[test]
fn the_guard_derives_and_rejects_by_these_names() {
    let Foreign { db, .. } = Foreign::guarded();
    let insert = |more: &str, value: &str| {
        format!(
            r#"INSERT INTO "Ops-Data"."Orders ""EU""" (year, number, "Customer Code"{more}) VALUES (1999, 1, 'c''"4'{value})"#
        )
    };
    let own = db.text(r#"SELECT "Space Id" FROM "Ops-Data"."Customers" WHERE code = 'c''"4'"#);
    let other = db.text(&format!(
        r#"SELECT "Id" FROM "Ops-Data"."Work Spaces" WHERE "Id" <> '{own}' LIMIT 1"#
    ));
    let error = db.refused(&insert(r#", "Space Id""#, &format!(", '{other}'")));
    assert_eq!(
        (error.code.as_str(), error.table.as_str(), error.column.as_str()),
        ("23514", "Orders \"EU\"", "Space Id")
    );
    let says = format!(
        "Orders \"EU\".Space Id is {other}, but Customer Code c'\"4 belongs to workspace {own}"
    );
    assert_eq!(error.message, says);
    db.execute(&insert("", ""));
    assert_eq!(
        db.text(r#"SELECT "Space Id" FROM "Ops-Data"."Orders ""EU""" WHERE year = 1999"#),
        own
    );
    let error = db.refused(
        r#"UPDATE "Ops-Data"."Orders ""EU""" SET "Customer Code" = 'c''"5' WHERE year = 1999"#,
    );
    assert_eq!((error.code.as_str(), error.column.as_str()), ("23514", "Customer Code"));
    db.execute(&with_names(
        r#"INSERT INTO "{LONG}" (id, "Customer Code") VALUES ('new', 'c''"4')"#,
    ));
    assert_eq!(db.text(&with_names(r#"SELECT "Space Id" FROM "{LONG}" WHERE id = 'new'"#)), own);
    db.execute(r#"INSERT INTO "Ops-Data"."Trail" ("Customer Code", what) VALUES ('c''"4', 'new')"#);
    assert_eq!(db.text(r#"SELECT "Space Id" FROM "Ops-Data"."Trail" WHERE what = 'new'"#), own);
}

#[test]
fn tables_of_one_name_in_two_schemas_have_guards_of_their_own() {
    let Foreign { db, .. } = Foreign::guarded();
    db.execute(
        r#"INSERT INTO notes (id, "Customer Code") VALUES (gen_random_uuid(), 'c''"4');
           INSERT INTO "Ops-Data".notes (customer, body) VALUES ('c''"4', 'new')"#,
    );
    let own = db.text(r#"SELECT "Space Id" FROM "Ops-Data"."Customers" WHERE code = 'c''"4'"#);
    assert_eq!(db.text(r#"SELECT "Space Id" FROM notes WHERE body IS NULL"#), own);
    assert_eq!(
        db.text(r#"SELECT "of the ""space""" FROM "Ops-Data".notes WHERE body = 'new'"#),
        own
    );
}

#[test]
fn the_gate_shows_rows_by_their_own_keys() {
    let foreign = Foreign::finished();
    foreign
        .db
        .execute(r#"ALTER TABLE "Ops-Data"."Orders ""EU""" ALTER COLUMN "Space Id" DROP NOT NULL"#);
    foreign.db.damage(&with_names(
        r#"UPDATE "Ops-Data"."Orders ""EU""" SET "Space Id" = NULL WHERE number = 7;
           UPDATE "{LONG}" SET "Space Id" = (SELECT "Id" FROM "Ops-Data"."Work Spaces" s WHERE s."Id" <> "Space Id" LIMIT 1) WHERE id = 'event 5'"#,
    ));
    let red = foreign.validate("--format json").is(1).json();
    let failing: Vec<_> = red["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|c| c["status"] == "fail")
        .collect();
    let shown: Vec<_> =
        failing.iter().map(|c| (c["id"].clone(), c["sample_ids"].clone())).collect();
    let expected = [
        (serde_json::json!("missing/Ops-Data.Orders \"EU\""), serde_json::json!(["2022,7"])),
        (serde_json::json!(format!("mismatch/{LONG}")), serde_json::json!(["event 5"])),
    ];
    assert_eq!(shown, expected);
    for check in failing {
        assert_eq!(foreign.db.number(check["sql"].as_str().expect("SQL")), 1, "{check:#}");
    }
    let answer = foreign.manifest.tool(&foreign.db, "validate").words("explain");
    let explained =
        answer.arg("missing/Ops-Data.Orders \"EU\"").words("--format json").run().is(0).json();
    assert_eq!(foreign.db.texts(explained["rows_sql"].as_str().expect("SQL")), ["2022"]);
}

#[test]
fn the_script_of_these_names_leads_where_up_leads() {
    let (by_up, by_script) = (Foreign::new(), Foreign::new());
    for phase in ["1", "1.5", "3"] {
        if phase == "3" {
            by_up.db.execute(&with_names(BIND));
            by_script.db.execute(&with_names(BIND));
        }
        by_up.migration(&format!("up --phase {phase}")).is(0);
        let script = by_script.migration(&format!("plan --format sql --phase {phase}")).is(0);
        by_script.db.psql(&script.stdout);
        assert_same(&by_script.db.catalog(), &by_up.db.catalog());
        by_script.migration(&format!("up --phase {phase}")).is(0).prints("0 statements");
    }
}

#[test]
fn integer_workspaces_and_uuid_tenants_go_all_the_way() {
    let db = Database::empty();
    let before = db.catalog();
    db.execute(
        "CREATE TABLE spaces (id integer PRIMARY KEY);
         CREATE TABLE clients (id uuid PRIMARY KEY, space integer REFERENCES spaces (id));
         CREATE TABLE things (id bigserial PRIMARY KEY, client uuid NOT NULL);
         INSERT INTO spaces SELECT generate_series(1, 3);
         INSERT INTO clients SELECT md5(i::text)::uuid, i FROM generate_series(1, 3) i;
         INSERT INTO things (client) SELECT md5((i % 3 + 1)::text)::uuid FROM generate_series(1, 90) i",
    );
    let manifest = ManifestFile::of(
        "[workspace]\ntable = \"spaces\"\n[tenant]\ntable = \"clients\"\nworkspace_column = \"space\"\n\
         [[tables]]\nname = \"things\"\ntenant_column = \"client\"\nworkspace_column = \"space\"\n",
    );
    manifest.migration(&db, "up --phase 1").is(0);
    manifest.migration(&db, "up --phase 1.5").is(0);
    // An update of any kind binds.
    db.execute("UPDATE things SET id = id");
    manifest.migration(&db, "up --phase 3").is(0);
    manifest.tool(&db, "validate").words("--phase 3").run().is(0);
    manifest.migration(&db, "down --phase 1 --yes").is(0);
    db.execute("DROP TABLE things, clients, spaces");
    assert_same(&db.catalog(), &before);
}
