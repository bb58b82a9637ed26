//! The list of entities: which tables are tenant-owned, and what each entity says its columns are.
//!
//! A new tenant-owned entity is one line in
//! [`for_each_tenant_owned!`](crate::for_each_tenant_owned); every function and test that must hold
//! for all of them goes through that list.

use sea_orm::{ColumnTrait, ColumnType, EntityTrait, Iterable};

use crate::guard::TenantOwned;
use crate::{audit_logs, operation_runs, tenants, workspaces};

/// Calls a generic function once for each tenant-owned entity and returns the answers as an array.
///
/// ```
/// use sea_orm::EntityName;
///
/// fn table_name<E: entity::guard::TenantOwned>() -> &'static str {
///     E::default().table_name()
/// }
/// assert!(entity::for_each_tenant_owned!(table_name).contains(&"findings"));
/// ```
#[macro_export]
macro_rules! for_each_tenant_owned {
    ($function:ident) => {
        [
            $function::<$crate::policies::Entity>(),
            $function::<$crate::policy_versions::Entity>(),
            $function::<$crate::backup_sets::Entity>(),
            $function::<$crate::backup_items::Entity>(),
            $function::<$crate::restore_runs::Entity>(),
            $function::<$crate::backup_schedules::Entity>(),
            $function::<$crate::inventory_items::Entity>(),
            $function::<$crate::inventory_links::Entity>(),
            $function::<$crate::entra_groups::Entity>(),
            $function::<$crate::findings::Entity>(),
            $function::<$crate::entra_role_definitions::Entity>(),
            $function::<$crate::tenant_permissions::Entity>(),
        ]
    };
}

/// A table as its entity describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The name of the table, without a schema.
    pub name: &'static str,
    /// The columns in the order of the entity's fields, which need not be that of the table.
    pub columns: Vec<Column>,
}

/// A column as its entity describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name of the column.
    pub name: &'static str,
    /// Its SQL type.
    pub column_type: ColumnType,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// The tenant-owned tables: every row belongs to one tenant and carries that tenant's workspace.
#[must_use]
pub fn tenant_owned() -> Vec<Table> {
    // The bound is the point: an entity without the guard does not get onto the list.
    fn owned<E: TenantOwned>() -> Table {
        table::<E>()
    }
    for_each_tenant_owned!(owned).into()
}

/// All tables of the application: those of [`tenant_owned`], then those that are not.
#[must_use]
pub fn all() -> Vec<Table> {
    let mut tables = tenant_owned();
    tables.extend([
        table::<workspaces::Entity>(),
        table::<tenants::Entity>(),
        table::<audit_logs::Entity>(),
        table::<operation_runs::Entity>(),
    ]);
    tables
}

fn table<E: EntityTrait>() -> Table {
    Table { name: E::default().table_name(), columns: E::Column::iter().map(column).collect() }
}

fn column(column: impl ColumnTrait) -> Column {
    let definition = column.def();
    Column {
        name: column.as_str(),
        column_type: definition.get_column_type().clone(),
        nullable: definition.is_null(),
    }
}

#[cfg(test)]
mod tests;
