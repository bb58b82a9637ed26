use sea_orm::{DbErr, NotSet, Set};

use super::{answering, asked, refusal, silent, tenant};
use crate::findings::ActiveModel;
use crate::guard::{GuardError, check_many};

fn finding_of(tenant: i64) -> ActiveModel {
    ActiveModel { tenant_id: Set(tenant), ..Default::default() }
}

#[tokio::test]
async fn asks_once_for_all_tenants() -> Result<(), DbErr> {
    let db = answering([tenant(7_i64, 3_i64), tenant(8_i64, 4_i64)]);
    let kept = ActiveModel { workspace_id: Set(4), ..finding_of(8) };
    let models = check_many([finding_of(8), finding_of(7), kept, finding_of(7)], &db).await?;
    let bound: Vec<_> =
        models.into_iter().map(|model| (model.tenant_id, model.workspace_id)).collect();
    assert_eq!(bound, [(Set(8), Set(4)), (Set(7), Set(3)), (Set(8), Set(4)), (Set(7), Set(3))]);
    assert_eq!(
        db.into_transaction_log(),
        [asked(
            r#"SELECT "tenants"."id" AS "tenant", "tenants"."workspace_id" AS "tenant_workspace" FROM "tenants" WHERE "tenants"."id" IN ($1, $2)"#,
            [7_i64.into(), 8_i64.into()]
        )]
    );
    Ok(())
}

#[tokio::test]
async fn refuses_the_batch_for_one_model() {
    let wrong = ActiveModel { workspace_id: Set(3), ..finding_of(8) };
    let db = answering([tenant(7_i64, 3_i64), tenant(8_i64, 4_i64)]);
    assert_eq!(
        refusal(check_many([finding_of(7), wrong], &db).await),
        Some(GuardError::WorkspaceMismatch {
            table: "findings",
            tenant: "8".to_owned(),
            expected: "4".to_owned(),
            given: "3".to_owned(),
        })
    );
}

#[tokio::test]
async fn refuses_an_unknown_tenant_among_known_ones() {
    let db = answering([tenant(7_i64, 3_i64)]);
    assert_eq!(
        refusal(check_many([finding_of(7), finding_of(9)], &db).await),
        Some(GuardError::TenantNotFound { table: "findings", tenant: "9".to_owned() })
    );
}

#[tokio::test]
async fn refuses_a_model_without_tenant_unasked() {
    let without = ActiveModel { tenant_id: NotSet, ..finding_of(7) };
    let db = silent();
    assert_eq!(
        refusal(check_many([finding_of(7), without], &db).await),
        Some(GuardError::TenantNotSet { table: "findings", column: "tenant_id" })
    );
    assert_eq!(db.into_transaction_log(), []);
}

#[tokio::test]
async fn asks_nothing_for_an_empty_batch() -> Result<(), DbErr> {
    let db = silent();
    assert_eq!(check_many(Vec::<ActiveModel>::new(), &db).await?, []);
    assert_eq!(db.into_transaction_log(), []);
    Ok(())
}
