//! The table `audit_logs`: the application's audit trail.
//!
//! A row may belong to a workspace, to a tenant, to both, or (system rows) to neither; from phase 3
//! on, a row with a tenant has a workspace too. Not tenant-owned: the guard leaves it alone.

use sea_orm::entity::prelude::*;

/// An entry of the audit trail.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_logs")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The workspace it concerns, if any.
    pub workspace_id: Option<i64>,
    /// The tenant it concerns, if any.
    pub tenant_id: Option<i64>,
    /// The user who acted.
    pub actor_id: Option<i64>,
    /// That user's address at the time.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub actor_email: Option<String>,
    /// That user's name at the time.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub actor_name: Option<String>,
    /// What was done.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub action: String,
    /// The kind of object it was done to.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub resource_type: Option<String>,
    /// The object it was done to.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub resource_id: Option<String>,
    /// Whether it worked.
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "success")]
    pub status: String,
    /// Whatever else is known.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
    /// When it was done.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub recorded_at: DateTimeWithTimeZone,
    /// When the row was created.
    pub created_at: Option<DateTimeWithTimeZone>,
    /// When the row was last changed.
    pub updated_at: Option<DateTimeWithTimeZone>,
    /// The workspace behind `workspace_id`.
    #[sea_orm(belongs_to, from = "workspace_id", to = "id", on_delete = "SetNull")]
    pub workspace: BelongsTo<Option<super::workspaces::Entity>>,
    /// The tenant behind `tenant_id`.
    #[sea_orm(belongs_to, from = "tenant_id", to = "id", on_delete = "SetNull")]
    pub tenant: BelongsTo<Option<super::tenants::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
