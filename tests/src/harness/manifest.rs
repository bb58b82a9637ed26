//! Manifests in files.

use std::io::Write as _;

use tempfile::NamedTempFile;

use super::{Database, Tool};

/// A manifest in a file, for as long as this lives.
pub(crate) struct ManifestFile {
    file: NamedTempFile,
}

impl ManifestFile {
    /// A file with this text.
    pub(crate) fn of(text: &str) -> Self {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file");
        file.write_all(text.as_bytes()).expect("write the manifest");
        Self { file }
    }

    /// TenantAtlas's manifest with these lists of tables only.
    pub(crate) fn of_tables(tables: &[&str], audit_tables: &[&str]) -> Self {
        let mut text =
            "[workspace]\ntable = \"workspaces\"\n[tenant]\ntable = \"tenants\"\n".to_owned();
        for (list, names) in [("tables", tables), ("audit_tables", audit_tables)] {
            for name in names {
                text.push_str(&["[[", list, "]]\nname = \"", name, "\"\n"].concat());
            }
        }
        Self::of(&text)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &str {
        self.file.path().to_str().expect("a path in UTF-8")
    }

    /// A tool of the rollout, pointed at a database and this manifest.
    pub(crate) fn tool(&self, db: &Database, name: &str) -> Tool {
        db.tool(name).env("ISOLATION_MANIFEST", self.path())
    }

    /// `migration …` with this manifest.
    pub(crate) fn migration(&self, db: &Database, words: &str) -> super::Answer {
        self.tool(db, "migration").words(words).run()
    }
}
