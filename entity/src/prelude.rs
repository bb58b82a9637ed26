//! The entities under the names of their tables, for applications that use many of them.

pub use crate::audit_logs::Entity as AuditLogs;
pub use crate::backup_items::Entity as BackupItems;
pub use crate::backup_schedules::Entity as BackupSchedules;
pub use crate::backup_sets::Entity as BackupSets;
pub use crate::entra_groups::Entity as EntraGroups;
pub use crate::entra_role_definitions::Entity as EntraRoleDefinitions;
pub use crate::findings::Entity as Findings;
pub use crate::inventory_items::Entity as InventoryItems;
pub use crate::inventory_links::Entity as InventoryLinks;
pub use crate::operation_runs::Entity as OperationRuns;
pub use crate::policies::Entity as Policies;
pub use crate::policy_versions::Entity as PolicyVersions;
pub use crate::restore_runs::Entity as RestoreRuns;
pub use crate::tenant_permissions::Entity as TenantPermissions;
pub use crate::tenants::Entity as Tenants;
pub use crate::workspaces::Entity as Workspaces;
