use std::collections::BTreeSet;
use std::pin::Pin;

use sea_orm::sea_query::StringLen;
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, DbBackend, DbErr, EntityTrait, MockDatabase};

use super::{Column, ColumnType, Table, all, tenant_owned};
use crate::guard::{GuardError, TenantOwned};

const TENANT_OWNED: [&str; 12] = [
    "policies",
    "policy_versions",
    "backup_sets",
    "backup_items",
    "restore_runs",
    "backup_schedules",
    "inventory_items",
    "inventory_links",
    "entra_groups",
    "findings",
    "entra_role_definitions",
    "tenant_permissions",
];

fn names(tables: &[Table]) -> Vec<&'static str> {
    tables.iter().map(|table| table.name).collect()
}

#[test]
fn twelve_tables_are_tenant_owned() {
    assert_eq!(names(&tenant_owned()), TENANT_OWNED);
}

#[test]
fn all_are_those_and_four_more_each_once() {
    let all = names(&all());
    assert_eq!(all[..12], TENANT_OWNED);
    assert_eq!(all[12..], ["workspaces", "tenants", "audit_logs", "operation_runs"]);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 16);
}

#[test]
fn every_tenant_owned_table_names_tenant_and_workspace() {
    for table in tenant_owned() {
        for name in ["tenant_id", "workspace_id"] {
            let expected = Column { name, column_type: ColumnType::BigInteger, nullable: false };
            assert!(table.columns.contains(&expected), "{}.{name}", table.name);
        }
    }
}

/// The types that an entity does not get right by itself: without a `column_type`, text has no
/// length and JSON is not jsonb.
#[test]
fn no_column_type_is_left_to_a_default() {
    for table in all() {
        for column in table.columns {
            let left = matches!(
                column.column_type,
                ColumnType::String(StringLen::None) | ColumnType::Text | ColumnType::Json
            );
            assert!(!left, "{}.{}", table.name, column.name);
        }
    }
}

type Answer = Pin<Box<dyn Future<Output = (&'static str, Result<(), DbErr>)>>>;

/// Saves a model that names no tenant.
fn save_without_tenant<E>() -> Answer
where
    E: TenantOwned,
    E::ActiveModel: Send,
{
    Box::pin(async {
        let db = MockDatabase::new(DbBackend::Postgres).into_connection();
        let model = <E::ActiveModel as ActiveModelTrait>::default();
        let answer = ActiveModelBehavior::before_save(model, &db, true).await;
        (table_name::<E>(), answer.map(drop))
    })
}

fn table_name<E: EntityTrait>() -> &'static str {
    E::default().table_name()
}

/// Being `TenantOwned` does not by itself put the guard into an entity's `ActiveModelBehavior`;
/// this asks it.
#[tokio::test]
async fn every_tenant_owned_entity_calls_the_guard() {
    for answer in crate::for_each_tenant_owned!(save_without_tenant) {
        let (table, answer) = answer.await;
        assert_eq!(
            answer.as_ref().err().and_then(GuardError::from_db_err),
            Some(&GuardError::TenantNotSet { table, column: "tenant_id" })
        );
    }
}
