//! The application's own guard, in SeaORM, on the real database: alone, and before the
//! database's.

use entity::guard::{self, GuardError};
use entity::{findings, policies, tenants};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ColumnTrait as _, ConnectionTrait as _, DatabaseConnection,
    DbErr, EntityTrait as _, QueryFilter as _, Set, TransactionTrait as _,
};

use crate::harness::{Database, block_on};

/// A database without the database's guard, and one with it.
fn both() -> [Database; 2] {
    [Database::columns(), Database::guarded()]
}

fn connect(db: &Database) -> DatabaseConnection {
    block_on(sea_orm::Database::connect(db.url())).expect("connect")
}

fn policy(tenant: i64, external_id: &str) -> policies::ActiveModel {
    policies::ActiveModel {
        tenant_id: Set(tenant),
        external_id: Set(external_id.to_owned()),
        policy_type: Set("deviceConfiguration".to_owned()),
        display_name: Set("A policy".to_owned()),
        ..Default::default()
    }
}

fn workspace_of_tenant(db: &Database, tenant: i64) -> i64 {
    db.number(&format!("SELECT workspace_id FROM tenants WHERE id = {tenant}"))
}

fn another_workspace(db: &Database, tenant: i64) -> i64 {
    let own = workspace_of_tenant(db, tenant);
    db.number(&format!("SELECT min(id) FROM workspaces WHERE id <> {own}"))
}

fn policies_named(db: &Database, external_id: &str) -> i64 {
    db.number(&format!("SELECT count(*) FROM policies WHERE external_id = '{external_id}'"))
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(outcome: Result<T, DbErr>) -> GuardError {
    let error = outcome.expect_err("a refusal");
    GuardError::from_db_err(&error).unwrap_or_else(|| panic!("not the guard's: {error}")).clone()
}

#[test]
fn an_insert_derives_the_tenants_workspace() {
    for db in both() {
        let connection = connect(&db);
        let model = block_on(policy(2, "new").insert(&connection)).expect("insert");
        assert_eq!(model.workspace_id, workspace_of_tenant(&db, 2));
        assert_eq!(
            db.number("SELECT workspace_id FROM policies WHERE external_id = 'new'"),
            model.workspace_id
        );
    }
}

#[test]
fn an_insert_into_another_workspace_is_refused_with_both_values() {
    for db in both() {
        let (expected, given) = (workspace_of_tenant(&db, 2), another_workspace(&db, 2));
        let model = policies::ActiveModel { workspace_id: Set(given), ..policy(2, "smuggled") };
        assert_eq!(
            refusal(block_on(model.insert(&connect(&db)))),
            GuardError::WorkspaceMismatch {
                table: "policies",
                tenant: "2".to_owned(),
                expected: expected.to_string(),
                given: given.to_string(),
            }
        );
        assert_eq!(policies_named(&db, "smuggled"), 0);
    }
}

#[test]
fn an_insert_for_a_tenant_that_does_not_exist_or_is_not_named_is_refused() {
    for db in both() {
        let connection = connect(&db);
        let lost = refusal(block_on(policy(999_999, "lost").insert(&connection)));
        assert_eq!(
            lost,
            GuardError::TenantNotFound { table: "policies", tenant: "999999".to_owned() }
        );
        let nobodys =
            policies::ActiveModel { tenant_id: ActiveValue::NotSet, ..policy(1, "nobody's") };
        let nobodys = refusal(block_on(nobodys.insert(&connection)));
        assert_eq!(nobodys, GuardError::TenantNotSet { table: "policies", column: "tenant_id" });
    }
}

#[test]
fn an_insert_for_a_tenant_without_a_workspace_is_refused() {
    for db in both() {
        let connection = connect(&db);
        let tenant = tenants::ActiveModel {
            external_id: Set(sea_orm::prelude::Uuid::from_u128(7)),
            name: Set("unclaimed".to_owned()),
            ..Default::default()
        };
        let tenant = block_on(tenant.insert(&connection)).expect("a tenant needs no workspace");
        let refused = refusal(block_on(policy(tenant.id, "early").insert(&connection)));
        let expected =
            GuardError::TenantWithoutWorkspace { table: "policies", tenant: tenant.id.to_string() };
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_changed_tenant_is_refused() {
    for db in both() {
        let connection = connect(&db);
        let model = block_on(policy(2, "here").insert(&connection)).expect("insert");
        let moved = policies::ActiveModel { tenant_id: Set(3), ..model.clone().into() };
        assert_eq!(
            refusal(block_on(moved.update(&connection))),
            GuardError::TenantChanged {
                table: "policies",
                current: "2".to_owned(),
                given: "3".to_owned()
            }
        );
        let other = another_workspace(&db, 2);
        let moved = policies::ActiveModel { workspace_id: Set(other), ..model.into() };
        let moved = refusal(block_on(moved.update(&connection)));
        assert!(matches!(moved, GuardError::WorkspaceMismatch { .. }), "{moved:?}");
        assert_eq!(db.number("SELECT tenant_id FROM policies WHERE external_id = 'here'"), 2);
    }
}

#[test]
fn an_update_of_an_unbound_row_binds_it() {
    for db in both() {
        let connection = connect(&db);
        assert_eq!(db.text("SELECT workspace_id FROM policies WHERE id = 1"), "NULL");
        let renamed = policies::ActiveModel {
            id: ActiveValue::Unchanged(1),
            display_name: Set("renamed".to_owned()),
            ..Default::default()
        };
        let model = block_on(renamed.update(&connection)).expect("update");
        assert_eq!(model.workspace_id, workspace_of_tenant(&db, model.tenant_id));
        assert_eq!(db.text("SELECT display_name FROM policies WHERE id = 1"), "renamed");
    }
}

#[test]
fn inside_a_transaction_it_sees_what_the_transaction_has_written() {
    for db in both() {
        let connection = connect(&db);
        block_on(async {
            let transaction = connection.begin().await?;
            transaction
                .execute_unprepared(
                    "INSERT INTO tenants (id, external_id, name, workspace_id) VALUES (5000, gen_random_uuid(), 'new', 2)",
                )
                .await?;
            let model = policy(5000, "both new").insert(&transaction).await?;
            assert_eq!(model.workspace_id, 2);
            let error = policy(999_999, "lost").insert(&transaction).await;
            assert!(matches!(refusal(error), GuardError::TenantNotFound { .. }));
            // It refused before the database did: the transaction is not spoilt.
            policy(5000, "still possible").insert(&transaction).await?;
            transaction.commit().await
        })
        .expect("the transaction");
        assert_eq!(policies_named(&db, "both new") + policies_named(&db, "still possible"), 2);
    }
}

#[test]
fn a_transaction_that_is_rolled_back_leaves_nothing() {
    let db = Database::guarded();
    let connection = connect(&db);
    block_on(async {
        let transaction = connection.begin().await?;
        policy(2, "rolled back").insert(&transaction).await?;
        transaction.rollback().await
    })
    .expect("the transaction");
    assert_eq!(policies_named(&db, "rolled back"), 0);
}

#[test]
fn a_batch_is_bound_by_check_many() {
    for db in both() {
        let connection = connect(&db);
        let models = (1..=3).map(|tenant| policy(tenant, &format!("batch-{tenant}")));
        let inserted = block_on(async {
            let models = guard::check_many(models, &connection).await?;
            policies::Entity::insert_many(models).exec(&connection).await
        });
        inserted.expect("insert the batch");
        let inserted =
            policies::Entity::find().filter(policies::Column::ExternalId.starts_with("batch-"));
        let inserted = block_on(inserted.all(&connection)).expect("read the batch");
        assert_eq!(inserted.len(), 3);
        for model in inserted {
            assert_eq!(model.workspace_id, workspace_of_tenant(&db, model.tenant_id));
        }
    }
}

#[test]
fn a_batch_with_one_wrong_model_is_refused_whole() {
    for db in both() {
        let connection = connect(&db);
        let wrong = policies::ActiveModel {
            workspace_id: Set(another_workspace(&db, 2)),
            ..policy(2, "batch-2")
        };
        let checked = block_on(guard::check_many([policy(1, "batch-1"), wrong], &connection));
        assert!(matches!(refusal(checked), GuardError::WorkspaceMismatch { .. }));
        assert_eq!(policies_named(&db, "batch-1"), 0);
    }
}

/// A batch that the application's guard was not asked about, one of it in a wrong workspace.
fn unchecked(db: &Database) -> Result<(), DbErr> {
    let connection = connect(db);
    let wrong = another_workspace(db, 2);
    let models = [1, 2].map(|tenant| findings::ActiveModel {
        tenant_id: Set(tenant),
        workspace_id: Set(if tenant == 2 { wrong } else { workspace_of_tenant(db, 1) }),
        finding_type: Set("drift".to_owned()),
        severity: Set("low".to_owned()),
        status: Set("new".to_owned()),
        fingerprint: Set("e".repeat(64)),
        ..Default::default()
    });
    block_on(findings::Entity::insert_many(models).exec(&connection)).map(drop)
}

#[test]
fn what_comes_around_it_is_caught_by_the_databases_guard() {
    let db = Database::guarded();
    let error = unchecked(&db).expect_err("the database refuses");
    assert_eq!(GuardError::from_db_err(&error), None, "it is not this guard that refused");
    let words = isolation::session::sqlstate::in_words(&error);
    assert!(
        words.contains("findings.workspace_id is ") && words.contains("SQLSTATE 23514"),
        "{words}"
    );
    assert_eq!(db.number("SELECT count(*) FROM findings WHERE fingerprint = repeat('e', 64)"), 0);
}

#[test]
fn without_the_databases_guard_what_comes_around_it_gets_in_and_the_gate_sees_it() {
    let db = Database::columns();
    unchecked(&db).expect("nobody looks");
    let answer = db.validate("--only mismatch/findings --format json").is(1).json();
    assert_eq!(answer["checks"][0]["count"], 1, "{answer}");
}

#[test]
fn a_batch_without_workspaces_is_bound_by_the_databases_guard() {
    let db = Database::guarded();
    let models = (1..=3).map(|tenant| policy(tenant, &format!("batch-{tenant}")));
    let inserted = block_on(policies::Entity::insert_many(models).exec(&connect(&db)));
    inserted.expect("the database binds them");
    let unbound =
        "SELECT count(*) FROM policies WHERE external_id LIKE 'batch-%' AND workspace_id IS NULL";
    assert_eq!(db.number(unbound), 0);
}
