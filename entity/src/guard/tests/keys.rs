//! Keys and columns unlike those of this application: uuid and text keys, a nullable workspace as
//! every application has it until phase 3, other names, another schema.

#![expect(unreachable_pub, reason = "the models are written as an application writes them")]

use sea_orm::prelude::Uuid;
use sea_orm::{DbErr, NotSet, Set, Unchanged};

use super::{Row, answering, asked, refusal, silent, tenant};
use crate::guard::{GuardError, before_save, check_many};

mod customers {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "crm", table_name = "customers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub space: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::guard::TenantTable for Entity {
        type Key = Uuid;
        type WorkspaceKey = String;
        const KEY: Column = Column::Id;
        const WORKSPACE: Column = Column::Space;
    }
}

mod notes {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "crm", table_name = "notes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub page: i32,
        pub customer_id: Option<Uuid>,
        pub space: Option<String>,
    }

    crate::tenant_owned!(super::customers::Entity, tenant = CustomerId, workspace = Space);
}

mod misfits {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "misfits")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i32,
        pub workspace_id: Option<i64>,
    }

    crate::tenant_owned!(crate::tenants::Entity);
}

const CUSTOMER: Uuid = Uuid::from_u128(7);

fn note() -> notes::ActiveModel {
    notes::ActiveModel { book: Unchanged(1), page: Unchanged(2), ..Default::default() }
}

fn note_in_database(space: Option<&str>) -> Row {
    let mut row = tenant(CUSTOMER, "blue");
    row.insert("row_tenant", CUSTOMER.into());
    row.insert("row_workspace", space.map(ToOwned::to_owned).into());
    row
}

#[tokio::test]
async fn derives_whatever_the_types_of_keys() -> Result<(), DbErr> {
    for space in [NotSet, Set(None), Unchanged(None)] {
        let model = notes::ActiveModel { customer_id: Set(Some(CUSTOMER)), space, ..note() };
        let db = answering([tenant(CUSTOMER, "blue")]);
        let model = before_save(model, &db, true).await?;
        assert_eq!(model.space, Set(Some("blue".to_owned())));
        assert_eq!(
            db.into_transaction_log(),
            [asked(
                r#"SELECT "customers"."id" AS "tenant", "customers"."space" AS "tenant_workspace" FROM "crm"."customers" WHERE "customers"."id" IN ($1)"#,
                [CUSTOMER.into()]
            )]
        );
    }
    Ok(())
}

#[tokio::test]
async fn names_keys_as_text() {
    let model = notes::ActiveModel {
        customer_id: Set(Some(CUSTOMER)),
        space: Set(Some("red".to_owned())),
        ..note()
    };
    let db = answering([tenant(CUSTOMER, "blue")]);
    assert_eq!(
        refusal(check_many([model], &db).await),
        Some(GuardError::WorkspaceMismatch {
            table: "notes",
            tenant: "00000000-0000-0000-0000-000000000007".to_owned(),
            expected: "blue".to_owned(),
            given: "red".to_owned(),
        })
    );
}

#[tokio::test]
async fn takes_null_for_no_tenant() {
    let model = notes::ActiveModel { customer_id: Set(None), ..note() };
    assert_eq!(
        refusal(before_save(model, &silent(), true).await),
        Some(GuardError::TenantNotSet { table: "notes", column: "customer_id" })
    );
}

#[tokio::test]
async fn finds_the_row_by_its_whole_key() -> Result<(), DbErr> {
    let db = answering([note_in_database(None)]);
    let model = before_save(note(), &db, false).await?;
    assert_eq!(model.space, Set(Some("blue".to_owned())));
    assert_eq!(
        db.into_transaction_log(),
        [asked(
            r#"SELECT "notes"."customer_id" AS "row_tenant", "notes"."space" AS "row_workspace", "customers"."id" AS "tenant", "customers"."space" AS "tenant_workspace" FROM "crm"."notes" LEFT JOIN "crm"."customers" ON "customers"."id" = "notes"."customer_id" WHERE "notes"."book" = $1 AND "notes"."page" = $2"#,
            [1_i32.into(), 2_i32.into()]
        )]
    );
    Ok(())
}

#[tokio::test]
async fn lets_no_update_unbind_a_row() -> Result<(), DbErr> {
    for row_workspace in [None, Some("blue")] {
        let model = notes::ActiveModel { space: Set(None), ..note() };
        let db = answering([note_in_database(row_workspace)]);
        let model = before_save(model, &db, false).await?;
        assert_eq!(model.space, Set(Some("blue".to_owned())));
    }
    Ok(())
}

#[tokio::test]
async fn binds_a_row_read_before_the_backfill_came_by() -> Result<(), DbErr> {
    let model = notes::ActiveModel { space: Unchanged(None), ..note() };
    // Still unbound: this update binds it.
    let db = answering([note_in_database(None)]);
    let bound = before_save(model.clone(), &db, false).await?;
    assert_eq!(bound.space, Set(Some("blue".to_owned())));
    // Bound meanwhile: nothing to write.
    let db = answering([note_in_database(Some("blue"))]);
    assert_eq!(before_save(model.clone(), &db, false).await?, model);
    Ok(())
}

#[tokio::test]
async fn lets_no_update_take_the_tenant_away() {
    let model = notes::ActiveModel { customer_id: Set(None), ..note() };
    let db = answering([note_in_database(Some("blue"))]);
    assert_eq!(
        refusal(before_save(model, &db, false).await),
        Some(GuardError::TenantChanged {
            table: "notes",
            current: CUSTOMER.to_string(),
            given: "NULL".to_owned(),
        })
    );
}

#[tokio::test]
async fn says_when_a_column_is_not_of_its_keys_type() {
    let model = misfits::ActiveModel { tenant_id: Set(7), ..Default::default() };
    let answer = before_save(model, &silent(), true).await;
    assert_eq!(
        answer,
        Err(DbErr::Type(
            "7 is not a key of type i64: a tenant or workspace column differs from the key it refers to"
                .to_owned()
        ))
    );
}
