//! One statement of a migration, with what it locks and whether it scans: the value that is
//! planned, shown, and run.
//!
//! Lock levels are those of PostgreSQL's documentation, "Explicit Locking", and of the notes on
//! each command there.

use std::fmt;
use std::time::Duration;

use isolation::names::{QualifiedName, quoted};
use isolation::session::millis;
use serde::Serialize;

use crate::bookkeeping::Made;

/// The strongest table lock a statement takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Lock {
    /// None on any table of the application.
    #[serde(rename = "none")]
    None,
    /// Conflicts with schema changes and VACUUM, not with reads or writes.
    #[serde(rename = "SHARE UPDATE EXCLUSIVE")]
    ShareUpdateExclusive,
    /// Conflicts with writes, not with reads.
    #[serde(rename = "SHARE ROW EXCLUSIVE")]
    ShareRowExclusive,
    /// Conflicts with everything.
    #[serde(rename = "ACCESS EXCLUSIVE")]
    AccessExclusive,
}

/// What a statement keeps the application from doing while it holds its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Blocks {
    /// Nothing.
    #[serde(rename = "neither")]
    Neither,
    /// INSERT, UPDATE, DELETE.
    #[serde(rename = "writes")]
    Writes,
    /// Everything.
    #[serde(rename = "reads and writes")]
    ReadsAndWrites,
}

impl Lock {
    /// What the application cannot do meanwhile.
    #[must_use]
    pub fn blocks(self) -> Blocks {
        match self {
            Self::None | Self::ShareUpdateExclusive => Blocks::Neither,
            Self::ShareRowExclusive => Blocks::Writes,
            Self::AccessExclusive => Blocks::ReadsAndWrites,
        }
    }
}

impl Lock {
    /// The modes, as `pg_locks` has them, whose holders it waits for in line; VACUUM's and an
    /// index build's is not among them, as those are waited for before. Source: PostgreSQL's
    /// documentation, "Explicit Locking", the table of conflicts.
    #[must_use]
    pub fn waits_for(self) -> &'static [&'static str] {
        const ALL: [&str; 7] = [
            "AccessShareLock",
            "RowShareLock",
            "RowExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock",
        ];
        match self {
            Self::None | Self::ShareUpdateExclusive => &[],
            Self::ShareRowExclusive => &ALL[2..],
            Self::AccessExclusive => &ALL,
        }
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}

impl fmt::Display for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Neither => "neither",
            Self::Writes => "writes",
            Self::ReadsAndWrites => "reads and writes",
        })
    }
}

/// What becomes of the note that an object is of our making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It is made: noted with it, or before it where it cannot be in one transaction.
    Made(Made),
    /// It is gone: the note goes with it, or after it.
    Gone(Made),
}

/// A statement still to run.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The SQL, without its semicolon.
    pub sql: String,
    /// The table it is about, where it is about one.
    pub table: Option<QualifiedName>,
    /// A parent table that it locks as well, at its own lock level: foreign keys lock both of
    /// their tables.
    pub parent: Option<QualifiedName>,
    /// The strongest lock it takes.
    pub lock: Lock,
    /// Whether it reads the whole table.
    pub scans: bool,
    /// Whether it runs in a transaction of its own; CONCURRENTLY cannot.
    pub in_transaction: bool,
    /// Whether it only tells the planner what is there: without it, nothing is missing.
    pub is_upkeep: bool,
    /// What is noted about it.
    pub note: Option<Note>,
}

/// How long statements wait for locks in one try.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// All that a statement may keep the application waiting behind it.
    pub lock_timeout: Duration,
    /// The server's own.
    pub deadlock_timeout: Duration,
}

impl Waits {
    /// For a lock that blocks nobody. Longer than `deadlock_timeout` in any case: an autovacuum
    /// gives way to somebody who has waited that long, and to nobody else.
    fn calm(self) -> Duration {
        (self.lock_timeout * 10).max(self.deadlock_timeout * 2)
    }
}

impl Statement {
    /// A statement that takes no lock on the application's tables.
    #[must_use]
    pub fn free(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            table: None,
            parent: None,
            lock: Lock::None,
            scans: false,
            in_transaction: true,
            is_upkeep: false,
            note: None,
        }
    }

    /// A change of a table's definition: a short transaction that reads no row.
    #[must_use]
    pub fn short(table: &QualifiedName, lock: Lock, sql: impl Into<String>) -> Self {
        Self { table: Some(table.clone()), lock, ..Self::free(sql) }
    }

    /// A statement that reads the whole table under a lock that blocks nobody, in a transaction.
    #[must_use]
    pub fn validation(table: &QualifiedName, sql: impl Into<String>) -> Self {
        Self { scans: true, ..Self::short(table, Lock::ShareUpdateExclusive, sql) }
    }

    /// ANALYZE of one column: reads a sample of at most 30,000 pages (300 for each of the
    /// `default_statistics_target` of 100), and blocks nobody.
    #[must_use]
    pub fn statistics(table: &QualifiedName, column: &str) -> Self {
        let sql = format!("ANALYZE {} ({})", table.sql(), quoted(column));
        Self { is_upkeep: true, ..Self::short(table, Lock::ShareUpdateExclusive, sql) }
    }

    /// An index built or dropped CONCURRENTLY: outside any transaction, blocking nobody.
    #[must_use]
    pub fn concurrently(table: &QualifiedName, scans: bool, sql: impl Into<String>) -> Self {
        Self { scans, in_transaction: false, ..Self::short(table, Lock::ShareUpdateExclusive, sql) }
    }

    /// With a parent table that is locked as well.
    #[must_use]
    pub fn locking_too(mut self, parent: &QualifiedName) -> Self {
        self.parent = Some(parent.clone());
        self
    }

    /// With a note about the object it makes or removes.
    #[must_use]
    pub fn noting(mut self, note: Note) -> Self {
        self.note = Some(note);
        self
    }

    /// What the application cannot do while the lock is held.
    #[must_use]
    pub fn blocks(&self) -> Blocks {
        self.lock.blocks()
    }

    /// The transactions it takes, in order, with every timeout in them; one without BEGIN and
    /// COMMIT stands alone.
    ///
    /// What blocks the application comes after SHARE UPDATE EXCLUSIVE on the same tables, which
    /// blocks nobody and is therefore waited for calmly. It keeps out VACUUM and index builds, of
    /// which one may go on for hours: behind it, a short lock timeout would run out every time.
    #[must_use]
    pub fn transactions(&self, waits: Waits) -> Vec<Transaction> {
        let note = self.note.as_ref().map(|note| match note {
            Note::Made(made) => made.insert(),
            Note::Gone(made) => made.delete(),
        });
        if self.in_transaction {
            let locks = match self.blocks() {
                Blocks::Neither => vec![wait_for(waits.calm())],
                Blocks::Writes | Blocks::ReadsAndWrites => self.locks(waits),
            };
            let statements = locks.into_iter().chain([self.sql.clone()]).chain(note).collect();
            return vec![Transaction { statements, is_alone: false }];
        }
        let alone = Transaction { statements: vec![self.sql.clone()], is_alone: true };
        let note = note.map(|note| Transaction { statements: vec![note], is_alone: false });
        match self.note {
            Some(Note::Made(_)) => note.into_iter().chain([alone]).collect(),
            Some(Note::Gone(_)) | None => [alone].into_iter().chain(note).collect(),
        }
    }

    /// What goes before a statement that blocks the application.
    ///
    /// Of two tables, one is waited for while nothing is held that blocks anybody, and the other is
    /// taken at once or not at all (NOWAIT). Who never waits while others wait for him is in no
    /// deadlock, neither as its victim nor as its cause. To keep the second wait short would not
    /// do: an application's session that is in line already has its `deadlock_timeout` running.
    ///
    /// COMMIT waits for no standby: it would hold the locks meanwhile. What a failover loses, the
    /// same command makes again.
    fn locks(&self, waits: Waits) -> Vec<String> {
        let tables = self.parent.iter().chain(&self.table);
        let calm = tables.map(|table| lock_table(table, Lock::ShareUpdateExclusive));
        let mut statements = vec!["SET LOCAL synchronous_commit = local".to_owned()];
        statements.push(wait_for(waits.calm()));
        statements.extend(calm);
        statements.push(wait_for(waits.lock_timeout));
        if let [first, second] = self.in_line()[..] {
            statements.push(lock_table(first, self.lock));
            statements.push(format!("{} NOWAIT", lock_table(second, self.lock)));
        }
        statements
    }

    /// The tables it locks against the application: the one that is waited for first.
    #[must_use]
    pub fn in_line(&self) -> Vec<&QualifiedName> {
        let (parent, table) = (self.parent.as_ref(), self.table.as_ref());
        let order = match self.blocks() {
            Blocks::Neither => [None, None],
            // Adding a key keeps writers out of both. The table may have many at any time and has
            // to be waited for; its parent is hardly ever written.
            Blocks::Writes => [table, parent],
            // Dropping a key keeps readers out as well, and who writes the table reads the parent:
            // waiting for the parent brings the table to rest.
            Blocks::ReadsAndWrites => [parent, table],
        };
        order.into_iter().flatten().collect()
    }
}

fn wait_for(longest: Duration) -> String {
    format!("SET LOCAL lock_timeout = {}", millis(longest))
}

fn lock_table(table: &QualifiedName, lock: Lock) -> String {
    format!("LOCK TABLE {} IN {lock} MODE", table.sql())
}

/// SQL that is committed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The statements.
    pub statements: Vec<String>,
    /// Whether it is one statement that must not be in a transaction block.
    pub is_alone: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bookkeeping::Kind;

    fn made() -> Made {
        Made::on(Kind::Index, 1, QualifiedName::new("public", "policies"), "i")
    }

    fn shapes(statement: &Statement) -> Vec<(usize, bool)> {
        let transactions = statement.transactions(waits(1));
        transactions.iter().map(|t| (t.statements.len(), t.is_alone)).collect()
    }

    fn policies() -> QualifiedName {
        QualifiedName::new("public", "policies")
    }

    fn waits(seconds: u64) -> Waits {
        let deadlock_timeout = Duration::from_secs(1);
        Waits { lock_timeout: Duration::from_secs(seconds), deadlock_timeout }
    }

    fn text(statement: &Statement, waits: Waits) -> String {
        let transactions = statement.transactions(waits);
        transactions.iter().flat_map(|t| t.statements.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_note_goes_with_its_statement_or_around_it() {
        let table = policies();
        let validate = Statement::validation(&table, "VALIDATE").noting(Note::Made(made()));
        assert_eq!(shapes(&validate), [(3, false)]);
        let build = Statement::concurrently(&table, true, "CREATE").noting(Note::Made(made()));
        assert_eq!(shapes(&build), [(1, false), (1, true)]);
        let drop = Statement::concurrently(&table, false, "DROP").noting(Note::Gone(made()));
        assert_eq!(shapes(&drop), [(1, true), (1, false)]);
    }

    #[test]
    fn only_who_blocks_nobody_waits_long() {
        let alter = Statement::short(&policies(), Lock::AccessExclusive, "ALTER");
        insta::assert_snapshot!(text(&alter, waits(1)), @r#"
        SET LOCAL synchronous_commit = local
        SET LOCAL lock_timeout = 10000
        LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE
        SET LOCAL lock_timeout = 1000
        ALTER
        "#);
        let validate = Statement::validation(&policies(), "VALIDATE");
        insta::assert_snapshot!(text(&validate, waits(90)), @r"
        SET LOCAL lock_timeout = 900000
        VALIDATE
        ");
    }

    #[test]
    fn an_autovacuum_has_the_time_to_give_way_however_short_the_timeout() {
        let waits = Waits {
            lock_timeout: Duration::from_millis(20),
            deadlock_timeout: Duration::from_secs(1),
        };
        assert_eq!(waits.calm(), Duration::from_secs(2));
    }

    #[test]
    fn of_two_tables_only_the_first_is_waited_for() {
        let tenants = QualifiedName::new("public", "tenants");
        let add = Statement::short(&policies(), Lock::ShareRowExclusive, "ADD");
        insta::assert_snapshot!(text(&add.locking_too(&tenants), waits(1)), @r#"
        SET LOCAL synchronous_commit = local
        SET LOCAL lock_timeout = 10000
        LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE
        LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE
        SET LOCAL lock_timeout = 1000
        LOCK TABLE "public"."policies" IN SHARE ROW EXCLUSIVE MODE
        LOCK TABLE "public"."tenants" IN SHARE ROW EXCLUSIVE MODE NOWAIT
        ADD
        "#);
        let drop = Statement::short(&policies(), Lock::AccessExclusive, "DROP");
        insta::assert_snapshot!(text(&drop.locking_too(&tenants), waits(2)), @r#"
        SET LOCAL synchronous_commit = local
        SET LOCAL lock_timeout = 20000
        LOCK TABLE "public"."tenants" IN SHARE UPDATE EXCLUSIVE MODE
        LOCK TABLE "public"."policies" IN SHARE UPDATE EXCLUSIVE MODE
        SET LOCAL lock_timeout = 2000
        LOCK TABLE "public"."tenants" IN ACCESS EXCLUSIVE MODE
        LOCK TABLE "public"."policies" IN ACCESS EXCLUSIVE MODE NOWAIT
        DROP
        "#);
    }
}
