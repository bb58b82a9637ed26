use sea_orm::{DbErr, NotSet, Set, Unchanged};

use super::{answering, asked, refusal, silent, tenant};
use crate::findings::ActiveModel;
use crate::guard::{GuardError, before_save};

fn finding_of(tenant: i64) -> ActiveModel {
    ActiveModel { tenant_id: Set(tenant), ..Default::default() }
}

#[tokio::test]
async fn derives_the_workspace() -> Result<(), DbErr> {
    let db = answering([tenant(7_i64, 3_i64)]);
    let model = before_save(finding_of(7), &db, true).await?;
    assert_eq!(model.workspace_id, Set(3));
    assert_eq!(
        db.into_transaction_log(),
        [asked(
            r#"SELECT "tenants"."id" AS "tenant", "tenants"."workspace_id" AS "tenant_workspace" FROM "tenants" WHERE "tenants"."id" IN ($1)"#,
            [7_i64.into()]
        )]
    );
    Ok(())
}

#[tokio::test]
async fn keeps_the_right_workspace() -> Result<(), DbErr> {
    for workspace_id in [Set(3), Unchanged(3)] {
        let model = ActiveModel { workspace_id, ..finding_of(7) };
        let db = answering([tenant(7_i64, 3_i64)]);
        assert_eq!(before_save(model.clone(), &db, true).await?, model);
    }
    Ok(())
}

#[tokio::test]
async fn refuses_another_workspace() {
    // SeaORM inserts what is `Unchanged`, so that is checked as well.
    for workspace_id in [Set(4), Unchanged(4)] {
        let model = ActiveModel { workspace_id, ..finding_of(7) };
        let db = answering([tenant(7_i64, 3_i64)]);
        assert_eq!(
            refusal(before_save(model, &db, true).await),
            Some(GuardError::WorkspaceMismatch {
                table: "findings",
                tenant: "7".to_owned(),
                expected: "3".to_owned(),
                given: "4".to_owned(),
            })
        );
    }
}

#[tokio::test]
async fn refuses_an_unknown_tenant() {
    let db = answering([]);
    assert_eq!(
        refusal(before_save(finding_of(7), &db, true).await),
        Some(GuardError::TenantNotFound { table: "findings", tenant: "7".to_owned() })
    );
}

#[tokio::test]
async fn refuses_a_tenant_without_workspace() {
    for workspace_id in [NotSet, Set(3)] {
        let model = ActiveModel { workspace_id, ..finding_of(7) };
        let db = answering([tenant(7_i64, None::<i64>)]);
        assert_eq!(
            refusal(before_save(model, &db, true).await),
            Some(GuardError::TenantWithoutWorkspace { table: "findings", tenant: "7".to_owned() })
        );
    }
}

#[tokio::test]
async fn refuses_a_row_without_tenant_unasked() {
    let model = ActiveModel { workspace_id: Set(3), ..Default::default() };
    let db = silent();
    assert_eq!(
        refusal(before_save(model, &db, true).await),
        Some(GuardError::TenantNotSet { table: "findings", column: "tenant_id" })
    );
    assert_eq!(db.into_transaction_log(), []);
}
