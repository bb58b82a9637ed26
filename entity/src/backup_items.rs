//! The table `backup_items`: one policy within a backup set.

use sea_orm::entity::prelude::*;

/// A policy in a backup set.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backup_items")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    #[sea_orm(indexed)]
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The backup set it is part of.
    #[sea_orm(unique_key = "item")]
    pub backup_set_id: i64,
    /// The policy, while it still exists.
    pub policy_id: Option<i64>,
    /// The identifier the policy has at Microsoft.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "item")]
    pub policy_identifier: String,
    /// The kind of policy.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "item")]
    pub policy_type: String,
    /// The platform it applies to.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub platform: Option<String>,
    /// When it was captured.
    pub captured_at: Option<DateTimeWithTimeZone>,
    /// The policy as it was backed up.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
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
    /// The backup set behind `backup_set_id`.
    #[sea_orm(belongs_to, from = "backup_set_id", to = "id", on_delete = "Cascade")]
    pub backup_set: BelongsTo<super::backup_sets::Entity>,
    /// The policy behind `policy_id`.
    #[sea_orm(belongs_to, from = "policy_id", to = "id", on_delete = "SetNull")]
    pub policy: BelongsTo<Option<super::policies::Entity>>,
}

crate::tenant_owned!(super::tenants::Entity);
