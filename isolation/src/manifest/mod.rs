//! The manifest: which tables the rollout covers and what their columns are called. It is read
//! from TOML and knows nothing of the database; [`crate::scope`] holds the two together.

mod document;
mod lines;

use std::path::{Path, PathBuf};

use crate::names::TableName;

const TENANTATLAS: &str = include_str!("tenantatlas.toml");

/// What should be isolated. Defaults are filled in; names are as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Where it came from: a file name, or `built-in manifest (TenantAtlas)`.
    pub source: String,
    /// The table of what every row must be bound to.
    pub workspaces: TableName,
    /// What rows belong to today, and where its workspace is recorded.
    pub tenants: Tenants,
    /// The tenant-owned tables, in the order written.
    pub tables: Vec<Table>,
    /// Tables whose tenant is optional: a tenant set means a workspace set.
    pub audit_tables: Vec<Table>,
    /// The application's own operations tables; the toolkit keeps its own where there are none.
    pub operations: Option<Operations>,
    /// Who enforces phase 1.5.
    pub write_guard: WriteGuard,
}

/// The tenants' table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenants {
    /// Its name.
    pub table: TableName,
    /// The column that says which workspace owns a tenant.
    pub workspace_column: String,
}

/// A table whose rows are to be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// The column that names the tenant.
    pub tenant_column: String,
    /// The column that is to name the workspace.
    pub workspace_column: String,
    /// The line of the manifest that names it, counted from one.
    pub line: usize,
}

/// Where the application shows long-running operations and keeps its audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operations {
    /// One row per long-running operation of a workspace.
    pub runs: TableName,
    /// One row per event.
    pub audit: TableName,
}

/// Who derives and checks the workspace of a row that is written (phase 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteGuard {
    /// Triggers in the database.
    Database,
    /// The application itself.
    Application,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file could not be read.
    #[error("read the manifest {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a manifest. Every problem is listed, each with its line.
    #[error("use the manifest {origin}:\n{}", problems.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
    Invalid {
        /// The file's name.
        origin: String,
        /// `line 12: …`, one for each problem.
        problems: Vec<String>,
    },
}

impl Manifest {
    /// The built-in manifest: TenantAtlas.
    ///
    /// # Errors
    /// None in a build whose tests pass: the text is part of the program.
    pub fn tenantatlas() -> Result<Self, ManifestError> {
        Self::parse(TENANTATLAS, "built-in manifest (TenantAtlas)")
    }

    /// Reads a manifest file.
    ///
    /// # Errors
    /// [`ManifestError::Unreadable`], or [`ManifestError::Invalid`] with every problem found.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ManifestError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads a manifest from text; `source` names it in messages.
    ///
    /// # Errors
    /// [`ManifestError::Invalid`] with every problem found.
    pub fn parse(text: &str, source: &str) -> Result<Self, ManifestError> {
        document::parse(text, source)
            .map_err(|problems| ManifestError::Invalid { origin: source.to_owned(), problems })
    }

    /// Every table the manifest names, without repetition.
    #[must_use]
    pub fn table_names(&self) -> Vec<TableName> {
        let mut names = vec![self.workspaces.clone(), self.tenants.table.clone()];
        names.extend(self.tables.iter().chain(&self.audit_tables).map(|t| t.name.clone()));
        if let Some(operations) = &self.operations {
            names.extend([operations.runs.clone(), operations.audit.clone()]);
        }
        names.sort();
        names.dedup();
        names
    }
}
