//! The table `policies`: a device-management policy as it was last seen in a tenant.

use sea_orm::entity::prelude::*;

/// A policy.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policies")]
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
    /// The identifier the policy has at Microsoft.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "identity")]
    pub external_id: String,
    /// The kind of policy.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "identity")]
    pub policy_type: String,
    /// The platform it applies to.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub platform: Option<String>,
    /// The name people see.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub display_name: String,
    /// Whatever else is known.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
    /// When it was last read from Microsoft.
    pub last_synced_at: Option<DateTimeWithTimeZone>,
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
    /// Its rows of `policy_versions`.
    #[sea_orm(has_many)]
    pub policy_versions: HasMany<super::policy_versions::Entity>,
    /// Its rows of `backup_items`.
    #[sea_orm(has_many)]
    pub backup_items: HasMany<super::backup_items::Entity>,
}

crate::tenant_owned!(super::tenants::Entity);
