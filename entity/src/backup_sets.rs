//! The table `backup_sets`: one backup of a tenant's policies.

use sea_orm::entity::prelude::*;

/// A backup set.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup_sets")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The name people see.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub name: String,
    /// Who created it.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub created_by: Option<String>,
    /// Where it stands.
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "pending")]
    pub status: String,
    /// How many items it has.
    #[sea_orm(default_value = 0)]
    pub item_count: i32,
    /// When it was done.
    pub completed_at: Option<DateTimeWithTimeZone>,
    /// Whatever else is known.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
    /// When it was put in the bin, if it was.
    pub deleted_at: Option<DateTimeWithTimeZone>,
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
    /// Its rows of `backup_items`.
    #[sea_orm(has_many)]
    pub backup_items: HasMany<super::backup_items::Entity>,
    /// Its rows of `restore_runs`.
    #[sea_orm(has_many)]
    pub restore_runs: HasMany<super::restore_runs::Entity>,
}

crate::tenant_owned!(super::tenants::Entity);
