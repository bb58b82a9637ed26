//! The table `inventory_links`: how items of a tenant's inventory refer to each other.

use sea_orm::entity::prelude::*;

/// A link between two inventory items.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inventory_links")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The tenant that owns the row; it never changes.
    #[sea_orm(unique_key = "link")]
    pub tenant_id: i64,
    /// The workspace of that tenant; the guard derives it.
    #[sea_orm(indexed)]
    pub workspace_id: i64,
    /// The kind of item that refers.
    #[sea_orm(column_type = "String(StringLen::N(64))", unique_key = "link")]
    pub source_type: String,
    /// The item that refers.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "link")]
    pub source_id: String,
    /// The kind of item referred to.
    #[sea_orm(column_type = "String(StringLen::N(64))", unique_key = "link")]
    pub target_type: String,
    /// The item referred to, where it is known.
    #[sea_orm(column_type = "String(StringLen::N(255))", unique_key = "link")]
    pub target_id: Option<String>,
    /// What the one is to the other.
    #[sea_orm(column_type = "String(StringLen::N(64))", unique_key = "link")]
    pub relationship_type: String,
    /// Whatever else is known.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Option<Json>,
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
