//! Why the guard refused a write, and how that reason travels through SeaORM's own error type.

use std::sync::Arc;

use sea_orm::DbErr;

/// Why the guard refused a write.
///
/// Keys are carried as text, because they may be integers, uuids or strings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The row names no tenant, so there is nothing to derive a workspace from.
    #[error("write {table}: {column} is not set")]
    TenantNotSet {
        /// The table written to.
        table: &'static str,
        /// Its tenant column.
        column: &'static str,
    },
    /// The tenant named does not exist, or not as far as this connection can see.
    #[error("write {table}: tenant {tenant} does not exist")]
    TenantNotFound {
        /// The table written to.
        table: &'static str,
        /// The tenant named.
        tenant: String,
    },
    /// The tenant exists, but no workspace has claimed it.
    #[error("write {table}: tenant {tenant} belongs to no workspace")]
    TenantWithoutWorkspace {
        /// The table written to.
        table: &'static str,
        /// The row's tenant.
        tenant: String,
    },
    /// The workspace named is not the one that owns the tenant.
    #[error("write {table}: tenant {tenant} belongs to workspace {expected}, not {given}")]
    WorkspaceMismatch {
        /// The table written to.
        table: &'static str,
        /// The row's tenant.
        tenant: String,
        /// The workspace of that tenant.
        expected: String,
        /// The workspace that was to be written.
        given: String,
    },
    /// The update would move the row to another tenant.
    #[error("write {table}: the row belongs to tenant {current} and cannot move to {given}")]
    TenantChanged {
        /// The table written to.
        table: &'static str,
        /// The tenant the row has; `NULL` where it has none.
        current: String,
        /// The tenant that was to be written; `NULL` where it was to lose its own.
        given: String,
    },
}

impl GuardError {
    /// The reason the guard gave, if it was the guard that made this error.
    ///
    /// `None` for every other error: among them the refusals of the database's own guard, which
    /// arrive as SQLSTATE 23514 from the driver.
    #[must_use]
    pub fn from_db_err(error: &DbErr) -> Option<&Self> {
        if let DbErr::TryIntoErr { source, .. } = error { source.downcast_ref() } else { None }
    }
}

impl From<GuardError> for DbErr {
    /// Wraps the reason so that [`GuardError::from_db_err`] finds it again.
    fn from(error: GuardError) -> Self {
        // The one variant of `DbErr` that carries an error rather than its text (`Custom` and its
        // like keep a String). Read out in full: "Error converting `active model` into `row bound
        // to its workspace`: …".
        Self::TryIntoErr {
            from: "active model",
            into: "row bound to its workspace",
            source: Arc::new(error),
        }
    }
}
