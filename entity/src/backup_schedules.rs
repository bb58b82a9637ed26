//! The table `backup_schedules`: when a tenant is backed up and what is kept.

use sea_orm::entity::prelude::*;

/// A backup schedule.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup_schedules")]
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
    /// Whether it takes place.
    #[sea_orm(default_value = true)]
    pub is_enabled: bool,
    /// The IANA time zone that `time_of_day` is in.
    #[sea_orm(column_type = "String(StringLen::N(64))", default_value = "UTC")]
    pub timezone: String,
    /// How often it takes place.
    #[sea_orm(column_type = "String(StringLen::N(32))")]
    pub frequency: String,
    /// The time of day it takes place.
    pub time_of_day: Time,
    /// The days it takes place, where it is weekly.
    #[sea_orm(column_type = "JsonBinary")]
    pub days_of_week: Option<Json>,
    /// The kinds of policy to back up.
    #[sea_orm(column_type = "JsonBinary")]
    pub policy_types: Json,
    /// How many backup sets are kept.
    #[sea_orm(default_value = 30)]
    pub retention_keep_last: i32,
    /// When it last took place.
    pub last_run_at: Option<DateTimeWithTimeZone>,
    /// When it takes place next.
    pub next_run_at: Option<DateTimeWithTimeZone>,
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
