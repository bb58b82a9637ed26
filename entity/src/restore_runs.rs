//! The table `restore_runs`: one restore, real or rehearsed, from a backup set.

use sea_orm::entity::prelude::*;

/// A restore run.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restore_runs")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The backup set it restores from.
    pub backup_set_id: i64,
    /// Who asked for it.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub requested_by: Option<String>,
    /// Whether it only shows what it would do.
    #[sea_orm(default_value = false)]
    pub is_dry_run: bool,
    /// Where it stands.
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "pending")]
    pub status: String,
    /// The backup items to restore; all of them where absent.
    #[sea_orm(column_type = "JsonBinary")]
    pub requested_items: Option<Json>,
    /// What came of each item.
    #[sea_orm(column_type = "JsonBinary")]
    pub results: Option<Json>,
    /// When it began.
    pub started_at: Option<DateTimeWithTimeZone>,
    /// When it was done.
    pub completed_at: Option<DateTimeWithTimeZone>,
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
    /// The backup set behind `backup_set_id`.
    #[sea_orm(belongs_to, from = "backup_set_id", to = "id", on_delete = "Cascade")]
    pub backup_set: BelongsTo<super::backup_sets::Entity>,
}

crate::tenant_owned!(super::tenants::Entity);
