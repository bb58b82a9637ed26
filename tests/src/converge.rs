//! A rollout that was cut anywhere goes on by asking again, and what has gone missing is put back.

mod crashes;
mod cuts;
mod drift;
mod kills;
mod struck;

use crate::harness::{Database, ManifestFile};

/// Some of TenantAtlas's tables and its audit trail: a rollout that has every kind of statement
/// that there is, and few of each.
struct Part {
    tables: &'static [&'static str],
    manifest: ManifestFile,
}

impl Part {
    fn of(tables: &'static [&'static str]) -> Self {
        Self { tables, manifest: ManifestFile::of_tables(tables, &["audit_logs"]) }
    }

    /// Takes a database with data through these phases; phase 2 binds every row with SQL.
    fn take(&self, db: &Database, phases: &[&str]) {
        for phase in phases {
            match *phase {
                "2" => db.bind_tables(self.tables.iter().chain(&["audit_logs"])),
                up => drop(self.manifest.migration(db, &format!("up --phase {up}")).is(0)),
            }
        }
    }

    /// A database with data that has been through these phases.
    fn after(&self, phases: &[&str]) -> Database {
        let db = Database::legacy();
        self.take(&db, phases);
        db
    }
}
