//! The table `findings`: what the checks hold against a tenant's configuration.

use sea_orm::entity::prelude::*;

/// A finding.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "findings")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    #[sea_orm(unique_key = "fingerprint_of_tenant")]
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The check that found it.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub finding_type: String,
    /// How bad it is.
    #[sea_orm(column_type = "String(StringLen::N(16))")]
    pub severity: String,
    /// Where it stands.
    #[sea_orm(column_type = "String(StringLen::N(16))", default_value = "new")]
    pub status: String,
    /// A hex SHA-256 by which it is known again.
    #[sea_orm(column_type = "Char(Some(64))", unique_key = "fingerprint_of_tenant")]
    pub fingerprint: String,
    /// The kind of object it is about.
    #[sea_orm(column_type = "String(StringLen::N(64))")]
    pub subject_type: Option<String>,
    /// The object it is about.
    #[sea_orm(column_type = "String(StringLen::N(255))")]
    pub subject_id: Option<String>,
    /// What it rests on.
    #[sea_orm(column_type = "JsonBinary")]
    pub evidence_jsonb: Option<Json>,
    /// When somebody took note of it.
    pub acknowledged_at: Option<DateTimeWithTimeZone>,
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
