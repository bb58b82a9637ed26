//! What is about to happen, as far as others can be in its way: the tables, and whom each waits for.

use isolation::catalog::Catalog;

use crate::statement::{Lock, Statement};

/// The tables on which statements are due.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) tables: Vec<DueTable>,
}

/// A table on which statements are due.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DueTable {
    pub(super) oid: u32,
    pub(super) name: String,
    /// The name as SQL.
    pub(super) sql: String,
    pub(super) waits_for: WaitsFor,
}

/// Whom statements wait for, the few before the many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WaitsFor {
    /// Whoever changes the table's definition, or vacuums it: VALIDATE.
    Changes,
    /// And whoever writes: triggers and keys; CREATE INDEX CONCURRENTLY, which outwaits writers.
    Writers,
    /// And whoever reads: ALTER; DROP INDEX CONCURRENTLY, which outwaits everybody.
    Everybody,
}

impl Due {
    /// The tables of these statements, each with the most that any of them waits for.
    pub(super) fn of(statements: &[Statement], catalog: &Catalog) -> Self {
        let mut due = Self::default();
        for statement in statements {
            let Some(waits_for) = WaitsFor::of(statement) else { continue };
            for name in statement.table.iter().chain(&statement.parent) {
                if let Some(relation) = catalog.named(name) {
                    due.add(DueTable {
                        oid: relation.oid,
                        name: name.to_string(),
                        sql: name.sql(),
                        waits_for,
                    });
                }
            }
        }
        due
    }

    fn add(&mut self, table: DueTable) {
        match self.tables.iter_mut().find(|known| known.oid == table.oid) {
            Some(known) => known.waits_for = known.waits_for.max(table.waits_for),
            None => self.tables.push(table),
        }
    }

    pub(super) fn table(&self, oid: u32) -> Option<&DueTable> {
        self.tables.iter().find(|table| table.oid == oid)
    }

    /// The names of those tables of these that are due, for people.
    pub(super) fn names(&self, oids: &[u32]) -> Vec<&str> {
        let due = oids.iter().filter_map(|oid| self.table(*oid));
        due.map(|table| table.name.as_str()).collect()
    }
}

impl WaitsFor {
    /// Nobody, where no table of the application is locked.
    fn of(statement: &Statement) -> Option<Self> {
        Some(match statement.lock {
            Lock::None => return None,
            Lock::AccessExclusive => Self::Everybody,
            Lock::ShareRowExclusive => Self::Writers,
            Lock::ShareUpdateExclusive => match (statement.in_transaction, statement.scans) {
                (true, _) => Self::Changes,
                (false, true) => Self::Writers,
                (false, false) => Self::Everybody,
            },
        })
    }

    /// Whether a holder of this table lock (`pg_locks.mode`) is waited for. Source: PostgreSQL's
    /// documentation, "Explicit Locking", the table of conflicts.
    pub(super) fn includes(self, mode: &str) -> bool {
        match mode {
            "AccessShareLock" | "RowShareLock" => self == Self::Everybody,
            "RowExclusiveLock" => self >= Self::Writers,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use isolation::names::QualifiedName;

    use super::*;

    #[test]
    fn each_statement_waits_for_those_whose_locks_are_in_its_way() {
        let table = QualifiedName::new("public", "policies");
        let short = |lock| Statement::short(&table, lock, "");
        let cases = [
            (Statement::free("CREATE SCHEMA s"), None),
            (short(Lock::AccessExclusive), Some(WaitsFor::Everybody)),
            (short(Lock::ShareRowExclusive), Some(WaitsFor::Writers)),
            (Statement::concurrently(&table, true, "CREATE"), Some(WaitsFor::Writers)),
            (Statement::concurrently(&table, false, "DROP"), Some(WaitsFor::Everybody)),
            (Statement::validation(&table, "VALIDATE"), Some(WaitsFor::Changes)),
        ];
        for (statement, waits_for) in cases {
            assert_eq!(WaitsFor::of(&statement), waits_for, "{statement:?}");
        }
    }

    #[test]
    fn readers_are_in_the_way_of_few_and_a_vacuum_of_all() {
        use WaitsFor::{Changes, Everybody, Writers};
        for (mode, waited_for_by) in [
            ("AccessShareLock", vec![Everybody]),
            ("RowShareLock", vec![Everybody]),
            ("RowExclusiveLock", vec![Writers, Everybody]),
            ("ShareUpdateExclusiveLock", vec![Changes, Writers, Everybody]),
            ("AccessExclusiveLock", vec![Changes, Writers, Everybody]),
        ] {
            let seen: Vec<_> =
                [Changes, Writers, Everybody].into_iter().filter(|w| w.includes(mode)).collect();
            assert_eq!(seen, waited_for_by, "{mode}");
        }
    }
}
