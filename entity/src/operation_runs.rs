//! The table `operation_runs`: the long-running operations of a workspace, as its operations page
//! lists them.

use sea_orm::entity::prelude::*;

/// A long-running operation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operation_runs")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The workspace it belongs to.
    pub workspace_id: i64,
    /// The tenant it concerns, if it is about one.
    pub tenant_id: Option<i64>,
    /// The user who started it.
    pub user_id: Option<i64>,
    /// Who started it, in words.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub initiator_name: String,
    /// What kind of operation it is.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub r#type: String,
    /// Where it stands: `queued`, `running` or `completed`.
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "queued")]
    pub status: String,
    /// How it ended: `pending`, `succeeded`, `partially_succeeded`, `failed` or `cancelled`.
    #[sea_orm(column_type = "String(StringLen::N(32))", default_value = "pending")]
    pub outcome: String,
    /// A hex SHA-256 of type, workspace and identity inputs; at most one active row has it.
    #[sea_orm(column_type = "Char(Some(64))")]
    pub run_identity_hash: String,
    /// `total`, `processed`, `succeeded` and `failed`.
    #[sea_orm(column_type = "JsonBinary", default_value = "{}")]
    pub summary_counts: Json,
    /// What went wrong.
    #[sea_orm(column_type = "JsonBinary", default_value = "[]")]
    pub failure_summary: Json,
    /// What it was asked to do, and how far it has got.
    #[sea_orm(column_type = "JsonBinary", default_value = "{}")]
    pub context: Json,
    /// When it began.
    pub started_at: Option<DateTimeWithTimeZone>,
    /// When it was done.
    pub completed_at: Option<DateTimeWithTimeZone>,
    /// When the row was created.
    pub created_at: Option<DateTimeWithTimeZone>,
    /// When the row was last changed.
    pub updated_at: Option<DateTimeWithTimeZone>,
    /// The workspace behind `workspace_id`.
    #[sea_orm(belongs_to, from = "workspace_id", to = "id", on_delete = "Cascade")]
    pub workspace: BelongsTo<super::workspaces::Entity>,
    /// The tenant behind `tenant_id`.
    #[sea_orm(belongs_to, from = "tenant_id", to = "id", on_delete = "Cascade")]
    pub tenant: BelongsTo<Option<super::tenants::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
