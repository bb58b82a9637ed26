use sea_orm::{DbErr, NotSet, Set, Unchanged};

use super::{answering, asked, refusal, row_of, silent};
use crate::findings::ActiveModel;
use crate::guard::{GuardError, before_save};

fn finding() -> ActiveModel {
    ActiveModel { id: Unchanged(1), severity: Set("high".to_owned()), ..Default::default() }
}

#[tokio::test]
async fn asks_nothing_when_neither_column_is_touched() -> Result<(), DbErr> {
    for tenant_id in [Unchanged(7), NotSet] {
        let model = ActiveModel { tenant_id, workspace_id: Unchanged(3), ..finding() };
        let db = silent();
        assert_eq!(before_save(model.clone(), &db, false).await?, model);
        assert_eq!(db.into_transaction_log(), []);
    }
    Ok(())
}

#[tokio::test]
async fn asks_once_whatever_is_touched() -> Result<(), DbErr> {
    let model = ActiveModel { tenant_id: Set(7), workspace_id: Set(3), ..finding() };
    let db = answering([row_of(7, None, Some(3))]);
    assert_eq!(before_save(model.clone(), &db, false).await?, model);
    assert_eq!(
        db.into_transaction_log(),
        [asked(
            r#"SELECT "findings"."tenant_id" AS "row_tenant", "findings"."workspace_id" AS "row_workspace", "tenants"."id" AS "tenant", "tenants"."workspace_id" AS "tenant_workspace" FROM "findings" LEFT JOIN "tenants" ON "tenants"."id" = "findings"."tenant_id" WHERE "findings"."id" = $1"#,
            [1_i64.into()]
        )]
    );
    Ok(())
}

#[tokio::test]
async fn refuses_a_changed_tenant() {
    for workspace_id in [NotSet, Unchanged(3), Set(3)] {
        let model = ActiveModel { tenant_id: Set(8), workspace_id, ..finding() };
        let db = answering([row_of(7, Some(3), Some(3))]);
        assert_eq!(
            refusal(before_save(model, &db, false).await),
            Some(GuardError::TenantChanged {
                table: "findings",
                current: "7".to_owned(),
                given: "8".to_owned(),
            })
        );
    }
}

#[tokio::test]
async fn lets_the_same_tenant_be_set_again() -> Result<(), DbErr> {
    let model = ActiveModel { tenant_id: Set(7), workspace_id: Unchanged(3), ..finding() };
    let db = answering([row_of(7, Some(3), Some(3))]);
    assert_eq!(before_save(model.clone(), &db, false).await?, model);
    Ok(())
}

#[tokio::test]
async fn refuses_another_workspace() {
    let model = ActiveModel { workspace_id: Set(4), ..finding() };
    let db = answering([row_of(7, Some(3), Some(3))]);
    assert_eq!(
        refusal(before_save(model, &db, false).await),
        Some(GuardError::WorkspaceMismatch {
            table: "findings",
            tenant: "7".to_owned(),
            expected: "3".to_owned(),
            given: "4".to_owned(),
        })
    );
}

#[tokio::test]
async fn binds_an_unbound_row() -> Result<(), DbErr> {
    let db = answering([row_of(7, None, Some(3))]);
    let model = before_save(finding(), &db, false).await?;
    assert_eq!(model.workspace_id, Set(3));
    Ok(())
}

#[tokio::test]
async fn leaves_a_bound_row_alone() -> Result<(), DbErr> {
    let db = answering([row_of(7, Some(3), Some(3))]);
    let model = before_save(finding(), &db, false).await?;
    assert_eq!(model.workspace_id, NotSet);
    Ok(())
}

#[tokio::test]
async fn refuses_an_unbound_row_of_a_tenant_without_workspace() {
    let db = answering([row_of(7, None, None)]);
    assert_eq!(
        refusal(before_save(finding(), &db, false).await),
        Some(GuardError::TenantWithoutWorkspace { table: "findings", tenant: "7".to_owned() })
    );
}

#[tokio::test]
async fn refuses_an_unbound_row_of_a_tenant_that_is_gone() {
    let mut row = row_of(7, None, None);
    row.insert("tenant", None::<i64>.into());
    let db = answering([row]);
    assert_eq!(
        refusal(before_save(finding(), &db, false).await),
        Some(GuardError::TenantNotFound { table: "findings", tenant: "7".to_owned() })
    );
}

/// `UPDATE` then finds nothing to update, which SeaORM reports in its own words.
#[tokio::test]
async fn leaves_a_row_that_does_not_exist_to_sea_orm() -> Result<(), DbErr> {
    let db = answering([]);
    assert_eq!(before_save(finding(), &db, false).await?, finding());
    Ok(())
}

#[tokio::test]
async fn leaves_a_model_without_key_to_sea_orm() -> Result<(), DbErr> {
    let model = ActiveModel { tenant_id: Set(7), ..Default::default() };
    assert_eq!(before_save(model.clone(), &silent(), false).await?, model);
    Ok(())
}
