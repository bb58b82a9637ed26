//! Objects of our names that are not ours: refused before the first statement is run.

use super::refused;
use crate::harness::Database;

const OUT_OF_THE_WAY: &str = "rename or drop what is named above";

/// Refuses the phase for what the application has made, naming it.
#[track_caller]
fn is_in_the_way(db: &Database, phase: &str, made: &str, says: &str) {
    db.execute(made);
    let answer = refused(db, 2, || db.migration(&format!("up --phase {phase}")));
    answer.says(says).next(OUT_OF_THE_WAY);
}

#[test]
fn a_generated_workspace_column_is_refused() {
    is_in_the_way(
        &Database::legacy(),
        "1",
        "ALTER TABLE policies ADD COLUMN workspace_id bigint GENERATED ALWAYS AS (tenant_id) STORED",
        "column workspace_id of public.policies is not ours",
    );
}

#[test]
fn a_workspace_column_with_a_default_is_refused() {
    is_in_the_way(
        &Database::legacy(),
        "1",
        "ALTER TABLE policies ADD COLUMN workspace_id bigint DEFAULT 1",
        "column workspace_id of public.policies is not ours",
    );
}

#[test]
fn an_index_of_our_name_and_another_definition_is_refused() {
    for definition in [
        "ON policies (tenant_id)",
        "ON policies (tenant_id, external_id)",
        "ON policies USING hash (tenant_id)",
        "ON policies (tenant_id) WHERE tenant_id > 0",
    ] {
        let made = format!("CREATE INDEX policies_workspace_id_index {definition}");
        is_in_the_way(
            &Database::legacy(),
            "1",
            &made,
            "index policies_workspace_id_index on public.policies is not ours",
        );
    }
}

#[test]
fn an_index_on_the_right_column_that_is_not_plain_is_refused() {
    for definition in [
        "CREATE UNIQUE INDEX policies_workspace_id_index ON policies (workspace_id)",
        "CREATE INDEX policies_workspace_id_index ON policies (workspace_id) WHERE workspace_id > 5",
        "CREATE INDEX policies_workspace_id_index ON policies (workspace_id DESC)",
        "CREATE INDEX policies_workspace_id_index ON policies (workspace_id) INCLUDE (tenant_id)",
        "CREATE INDEX policies_workspace_id_index ON policies (workspace_id, tenant_id)",
    ] {
        let made = format!("ALTER TABLE policies ADD COLUMN workspace_id bigint; {definition}");
        is_in_the_way(
            &Database::legacy(),
            "1",
            &made,
            "index policies_workspace_id_index on public.policies is not ours",
        );
    }
}

#[test]
fn a_unique_index_of_the_tenants_with_another_definition_is_refused() {
    for definition in [
        "UNIQUE INDEX tenants_id_workspace_id_unique ON tenants (workspace_id, id)",
        "INDEX tenants_id_workspace_id_unique ON tenants (id, workspace_id)",
    ] {
        let made = format!("CREATE {definition}");
        is_in_the_way(
            &Database::legacy(),
            "1",
            &made,
            "index tenants_id_workspace_id_unique on public.tenants is not ours",
        );
    }
}

#[test]
fn another_relation_under_the_name_of_our_index_is_refused_before_anything_is_made() {
    for made in [
        "CREATE INDEX policies_workspace_id_index ON findings (tenant_id)",
        "CREATE VIEW policies_workspace_id_index AS SELECT 1 AS one",
    ] {
        is_in_the_way(&Database::legacy(), "1", made, "policies_workspace_id_index");
    }
}

#[test]
fn a_constraint_of_our_name_and_another_definition_is_refused() {
    for (made, name) in [
        (
            "ALTER TABLE policies ADD CONSTRAINT policies_workspace_id_foreign FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE",
            "constraint policies_workspace_id_foreign on public.policies is not ours",
        ),
        (
            "ALTER TABLE policies ADD CONSTRAINT policies_workspace_id_foreign CHECK (workspace_id > 0)",
            "constraint policies_workspace_id_foreign on public.policies is not ours",
        ),
        (
            "ALTER TABLE policies ADD CONSTRAINT policies_tenant_id_workspace_id_foreign FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants (id, workspace_id) ON DELETE CASCADE DEFERRABLE",
            "constraint policies_tenant_id_workspace_id_foreign on public.policies is not ours",
        ),
        (
            "ALTER TABLE policies ADD CONSTRAINT policies_tenant_id_workspace_id_foreign FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants (id, workspace_id)",
            "constraint policies_tenant_id_workspace_id_foreign on public.policies is not ours",
        ),
        (
            "ALTER TABLE policies ADD CONSTRAINT policies_workspace_id_present CHECK (workspace_id > 0)",
            "constraint policies_workspace_id_present on public.policies is not ours",
        ),
        (
            "ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_workspace_required_check CHECK (tenant_id IS NULL OR workspace_id > 0)",
            "constraint audit_logs_workspace_required_check on public.audit_logs is not ours",
        ),
        (
            "ALTER TABLE audit_logs ADD CONSTRAINT audit_logs_workspace_required_check CHECK (tenant_id IS NULL OR workspace_id IS NOT NULL) NO INHERIT",
            "constraint audit_logs_workspace_required_check on public.audit_logs is not ours",
        ),
    ] {
        is_in_the_way(&Database::bound(), "3", made, name);
    }
}

#[test]
fn everything_in_the_way_is_named_at_once() {
    let db = Database::legacy();
    db.execute(
        "CREATE INDEX policies_workspace_id_index ON policies (tenant_id);
         CREATE INDEX findings_workspace_id_index ON findings (tenant_id)",
    );
    refused(&db, 2, || db.migration("up --phase 1"))
        .says("index policies_workspace_id_index on public.policies is not ours")
        .says("index findings_workspace_id_index on public.findings is not ours")
        .next(OUT_OF_THE_WAY);
}

#[test]
fn a_partitioned_table_is_refused_by_name() {
    let db = Database::legacy();
    db.execute(
        "DROP TABLE findings;
         CREATE TABLE findings (id bigint, tenant_id bigint NOT NULL) PARTITION BY HASH (id);
         CREATE TABLE findings_0 PARTITION OF findings FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
    );
    refused(&db, 2, || db.migration("up --phase 1"))
        .says("table findings is partitioned")
        .next(OUT_OF_THE_WAY);
}
