//! The table `policy_versions`: what a policy said each time it was captured.

use sea_orm::entity::prelude::*;

/// A captured version of a policy.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_versions")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The policy this is a version of.
    #[sea_orm(unique_key = "version")]
    pub policy_id: i64,
    /// Counts up from 1 within a policy.
    #[sea_orm(unique_key = "version")]
    pub version_number: i32,
    /// The kind of policy.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub policy_type: String,
    /// The platform it applies to.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub platform: Option<String>,
    /// Who created it.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub created_by: Option<String>,
    /// When it was captured.
    pub captured_at: DateTimeWithTimeZone,
    /// The policy as it was.
    #[sea_orm(column_type = "JsonBinary")]
    pub snapshot: Json,
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
    /// The policy behind `policy_id`.
    #[sea_orm(belongs_to, from = "policy_id", to = "id", on_delete = "Cascade")]
    pub policy: BelongsTo<super::policies::Entity>,
}

crate::tenant_owned!(super::tenants::Entity);
