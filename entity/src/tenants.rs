//! The table `tenants`: a customer's Microsoft Entra directory, and where its workspace is
//! recorded.

use sea_orm::entity::prelude::*;

/// A tenant.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The workspace that owns the tenant; absent until one claims it, final once set.
    #[sea_orm(indexed)]
    pub workspace_id: Option<i64>,
    /// The Microsoft Entra directory id.
    #[sea_orm(unique)]
    pub external_id: Uuid,
    /// The name people see.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub name: String,
    /// Where it stands.
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "active")]
    pub status: String,
    /// Whatever else is known.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
    /// When it was put in the bin, if it was.
    pub deleted_at: Option<DateTimeWithTimeZone>,
    /// When the row was created.
    pub created_at: Option<DateTimeWithTimeZone>,
    /// When the row was last changed.
    pub updated_at: Option<DateTimeWithTimeZone>,
    /// The workspace behind `workspace_id`.
    #[sea_orm(belongs_to, from = "workspace_id", to = "id", on_delete = "Restrict")]
    pub workspace: BelongsTo<Option<super::workspaces::Entity>>,
    /// Its rows of `policies`.
    #[sea_orm(has_many)]
    pub policies: HasMany<super::policies::Entity>,
    /// Its rows of `policy_versions`.
    #[sea_orm(has_many)]
    pub policy_versions: HasMany<super::policy_versions::Entity>,
    /// Its rows of `backup_sets`.
    #[sea_orm(has_many)]
    pub backup_sets: HasMany<super::backup_sets::Entity>,
    /// Its rows of `backup_items`.
    #[sea_orm(has_many)]
    pub backup_items: HasMany<super::backup_items::Entity>,
    /// Its rows of `restore_runs`.
    #[sea_orm(has_many)]
    pub restore_runs: HasMany<super::restore_runs::Entity>,
    /// Its rows of `backup_schedules`.
    #[sea_orm(has_many)]
    pub backup_schedules: HasMany<super::backup_schedules::Entity>,
    /// Its rows of `inventory_items`.
    #[sea_orm(has_many)]
    pub inventory_items: HasMany<super::inventory_items::Entity>,
    /// Its rows of `inventory_links`.
    #[sea_orm(has_many)]
    pub inventory_links: HasMany<super::inventory_links::Entity>,
    /// Its rows of `entra_groups`.
    #[sea_orm(has_many)]
    pub entra_groups: HasMany<super::entra_groups::Entity>,
    /// Its rows of `findings`.
    #[sea_orm(has_many)]
    pub findings: HasMany<super::findings::Entity>,
    /// Its rows of `entra_role_definitions`.
    #[sea_orm(has_many)]
    pub entra_role_definitions: HasMany<super::entra_role_definitions::Entity>,
    /// Its rows of `tenant_permissions`.
    #[sea_orm(has_many)]
    pub tenant_permissions: HasMany<super::tenant_permissions::Entity>,
    /// Its rows of `audit_logs`.
    #[sea_orm(has_many)]
    pub audit_logs: HasMany<super::audit_logs::Entity>,
    /// Its rows of `operation_runs`.
    #[sea_orm(has_many)]
    pub operation_runs: HasMany<super::operation_runs::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl crate::guard::TenantTable for Entity {
    type Key = i64;
    type WorkspaceKey = i64;
    const KEY: Column = Column::Id;
    const WORKSPACE: Column = Column::WorkspaceId;
}
