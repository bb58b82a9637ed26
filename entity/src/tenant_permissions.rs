//! The table `tenant_permissions`: which permissions a tenant has granted the application.

use sea_orm::entity::prelude::*;

/// A permission, as a tenant grants it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant_permissions")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    #[sea_orm(unique_key = "permission")]
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The permission.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "permission")]
    pub permission_key: String,
    /// Where it stands.
    #[sea_orm(column_type = "String(StringLen::N(32))")]
    pub status: String,
    /// Why the status is what it is.
    #[sea_orm(column_type = "JsonBinary")]
    pub details: Option<Json>,
    /// When it was last looked up.
    pub last_checked_at: Option<DateTimeWithTimeZone>,
    /// When the row was created.
    pub created_at: Option<DateTimeWithTimeZone>,
    /// When the row was last changed.
    pub updated_at: Option<DateTimeWithTimeZone>,
    /// The tenant behind `tenant_id`.
    #[sea_orm(belongs_to, from = "tenant_id", to = "id", on_delete = "Cascade")]
    pub tenant: BelongsTo<super::tenants::Entity>,
    /// The workspace behind `workspace_id`.
    #[sea_orm(belongs_to, from = "workspace_id", to = "id")]
    pub workspace: BelongsTo<super::workspaces::Entity>,
}

crate::tenant_owned!(super::tenants::Entity);
