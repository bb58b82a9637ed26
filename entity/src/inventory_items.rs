//! The table `inventory_items`: everything an inventory sync found in a tenant.

use sea_orm::entity::prelude::*;

/// An inventory item.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_items")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    #[sea_orm(unique_key = "identity")]
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The kind of policy.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "identity")]
    pub policy_type: String,
    /// The identifier the item has at Microsoft.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "identity")]
    pub external_id: String,
    /// The name people see.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub display_name: Option<String>,
    /// The heading it is listed under.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub category: Option<String>,
    /// The platform it applies to.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub platform: Option<String>,
    /// Whatever else is known.
    #[sea_orm(column_type = "JsonBinary")]
    pub meta_jsonb: Option<Json>,
    /// When a sync last saw it.
    pub last_seen_at: Option<DateTimeWithTimeZone>,
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
