//! What is asked for, before the database has been looked at, and the same as it is recorded.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which rows a backfill is to bind. Empty lists and `None` mean no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Tables as the manifest names them.
    pub tables: Vec<String>,
    /// Keys of workspaces.
    pub workspaces: Vec<String>,
    /// Only rows whose key is greater.
    pub resume_from: Option<String>,
    /// At most this many rows of each table and workspace.
    pub max_rows: Option<i64>,
}

/// How the work is done. It may differ from one resumption to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tuning {
    /// Most rows that one transaction may update; at least 1.
    pub batch_size: i64,
    /// Workers inside one process; at least 1.
    pub workers: u32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { batch_size: 5000, workers: 2 }
    }
}

/// A selection in its recorded form, by which two invocations are the same backfill or not:
/// lists sorted, keys as the database writes them, tables spelled out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    pub(crate) tables: Vec<String>,
    pub(crate) workspaces: Vec<String>,
    pub(crate) resume_from: Option<String>,
    pub(crate) max_rows: Option<i64>,
}

impl Extent {
    /// Whether every row that is missing when it is planned is to be bound by it: then what the
    /// write guard bound meanwhile counts as done.
    pub(crate) fn is_whole(&self) -> bool {
        self.resume_from.is_none() && self.max_rows.is_none()
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.tables.join(", "))?;
        if !self.workspaces.is_empty() {
            write!(f, " in workspaces {}", self.workspaces.join(", "))?;
        }
        if let Some(key) = &self.resume_from {
            write!(f, " from key {key}")?;
        }
        if let Some(rows) = self.max_rows {
            write!(f, ", {rows} rows each at most")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extent_says_what_it_covers() {
        let mut extent = Extent {
            tables: vec!["findings".to_owned(), "policies".to_owned()],
            workspaces: Vec::new(),
            resume_from: None,
            max_rows: None,
        };
        assert_eq!(extent.to_string(), "findings, policies");
        assert!(extent.is_whole());
        extent.workspaces.push("7".to_owned());
        assert!(extent.is_whole());
        extent.resume_from = Some("100".to_owned());
        extent.max_rows = Some(3);
        assert_eq!(
            extent.to_string(),
            "findings, policies in workspaces 7 from key 100, 3 rows each at most"
        );
        assert!(!extent.is_whole());
    }
}
