//! The application's tables as SeaORM models, and the write guard that binds every write to a
//! workspace.
//!
//! * One module a table. The models describe the database as it is once the rollout is over: every
//!   tenant-owned row has a `workspace_id`. A module, an entity and its relations are named as
//!   their table is.
//! * [`registry`] lists them, so that a test can hold each against the database.
//! * [`guard`] derives `workspace_id` and refuses writes that would break the binding, before they
//!   reach the database. It works for any application's entities, not only for these.
//!
//! Nothing here connects to a database or changes its schema; that is for the migrations.

pub mod guard;
pub mod prelude;
pub mod registry;

pub mod audit_logs;
pub mod backup_items;
pub mod backup_schedules;
pub mod backup_sets;
pub mod entra_groups;
pub mod entra_role_definitions;
pub mod findings;
pub mod inventory_items;
pub mod inventory_links;
pub mod operation_runs;
pub mod policies;
pub mod policy_versions;
pub mod restore_runs;
pub mod tenant_permissions;
pub mod tenants;
pub mod workspaces;
