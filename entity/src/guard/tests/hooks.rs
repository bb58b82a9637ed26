//! Which of SeaORM's ways to write come past the guard, and how its refusals come back out of them.

use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    MockDatabase, MockExecResult, NotSet, RuntimeErr, Set, Transaction, TransactionTrait,
};

use super::{answering, refusal, silent, tenant};
use crate::entra_role_definitions::{ActiveModel, Entity, Model};
use crate::guard::GuardError;

fn role() -> Model {
    Model {
        id: 1,
        tenant_id: 7,
        workspace_id: 3,
        entra_id: sea_orm::prelude::Uuid::nil(),
        display_name: "Reader".to_owned(),
        is_built_in: true,
        last_seen_at: None,
        created_at: None,
        updated_at: None,
    }
}

fn new_role() -> ActiveModel {
    ActiveModel { id: NotSet, workspace_id: NotSet, ..role().into_active_model().reset_all() }
}

/// Knows tenant 7 of workspace 3, and answers a write with the role.
fn database() -> DatabaseConnection {
    MockDatabase::new(DbBackend::Postgres)
        .append_query_results([[tenant(7_i64, 3_i64)]])
        .append_query_results([[role()]])
        .into_connection()
}

fn statements(db: DatabaseConnection) -> Vec<String> {
    db.into_transaction_log()
        .iter()
        .flat_map(Transaction::statements)
        .map(|statement| statement.sql.split(' ').take(3).collect::<Vec<_>>().join(" "))
        .collect()
}

const LOOKUP: &str = r#"SELECT "tenants"."id" AS"#;
const INSERT: &str = r#"INSERT INTO "entra_role_definitions""#;

#[tokio::test]
async fn insert_and_save_come_past_it() -> Result<(), DbErr> {
    let db = database();
    assert_eq!(new_role().insert(&db).await?, role());
    assert_eq!(statements(db), [LOOKUP, INSERT]);

    let db = database();
    new_role().save(&db).await?;
    assert_eq!(statements(db), [LOOKUP, INSERT]);
    Ok(())
}

#[tokio::test]
async fn it_asks_within_the_transaction() -> Result<(), DbErr> {
    let db = database();
    let transaction = db.begin().await?;
    new_role().insert(&transaction).await?;
    transaction.commit().await?;
    assert_eq!(statements(db), ["BEGIN", LOOKUP, INSERT, "COMMIT"]);
    Ok(())
}

#[tokio::test]
async fn update_comes_past_it() {
    let mut model = role().into_active_model();
    model.tenant_id = Set(8);
    let row = || super::row_of(7, Some(3), Some(3));
    let refused = Some(GuardError::TenantChanged {
        table: "entra_role_definitions",
        current: "7".to_owned(),
        given: "8".to_owned(),
    });
    let answer = model.clone().update(&answering([row()])).await;
    assert_eq!(refusal(answer), refused);
    let answer = model.clone().save(&answering([row()])).await;
    assert_eq!(refusal(answer), refused);
    let answer = model.update_without_returning(&answering([row()])).await;
    assert_eq!(refusal(answer), refused);
}

/// The ways around it that the module's documentation names. Should SeaORM close one, this says so.
#[tokio::test]
async fn entity_level_writes_do_not() -> Result<(), DbErr> {
    let wrong = ActiveModel { workspace_id: Set(4), ..new_role() };
    let db = || {
        MockDatabase::new(DbBackend::Postgres)
            .append_query_results([[role()]])
            .append_exec_results([MockExecResult::default()])
            .into_connection()
    };
    Entity::insert(wrong.clone()).exec_with_returning(&db()).await?;
    Entity::insert_many([wrong.clone()]).exec_without_returning(&db()).await?;
    let moved = ActiveModel { id: Set(1), ..wrong };
    Entity::update(moved.clone()).exec(&db()).await?;
    Entity::update_many().set(moved).exec(&db()).await?;
    Ok(())
}

#[tokio::test]
async fn a_refusal_reads_well_and_is_found_again() {
    let model = ActiveModel { display_name: Set("Reader".to_owned()), ..Default::default() };
    let answer = model.insert(&silent()).await;
    let Err(error) = answer else {
        panic!("a role of no tenant was inserted");
    };
    assert_eq!(
        error.to_string(),
        "Error converting `active model` into `row bound to its workspace`: \
         write entra_role_definitions: tenant_id is not set"
    );
    // SeaORM's errors are cloned on their way out of some of its interfaces.
    assert_eq!(
        GuardError::from_db_err(&error.clone()),
        Some(&GuardError::TenantNotSet { table: "entra_role_definitions", column: "tenant_id" })
    );
}

#[test]
fn other_errors_are_not_taken_for_refusals() {
    let conversion = DbErr::TryIntoErr {
        from: "i64",
        into: "i32",
        source: std::sync::Arc::new(std::fmt::Error),
    };
    for error in [
        conversion,
        DbErr::RecordNotUpdated,
        DbErr::Query(RuntimeErr::Internal("write policies".to_owned())),
    ] {
        assert_eq!(GuardError::from_db_err(&error), None);
    }
}
