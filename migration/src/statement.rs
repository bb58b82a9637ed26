//! One statement of a migration, with what it locks and whether it scans: the value that is
//! planned, shown, and run.
//!
//! Lock levels are those of PostgreSQL's documentation, "Explicit Locking", and of the notes on
//! each command there.

use std::fmt;
use std::time::Duration;

use isolation::names::QualifiedName;
use isolation::session::ddl::LockPolicy;
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
    /// A parent table to be locked first, at the statement's own lock level: foreign keys lock
    /// both of their tables, and parent before child is the order the application takes.
    pub parent: Option<QualifiedName>,
    /// The strongest lock it takes.
    pub lock: Lock,
    /// Whether it reads the whole table.
    pub scans: bool,
    /// Whether it runs in a transaction of its own; CONCURRENTLY cannot.
    pub in_transaction: bool,
    /// What is noted about it.
    pub note: Option<Note>,
}

/// How long a statement that blocks nobody waits for its lock in one try.
pub const PATIENT: Duration = Duration::from_mins(1);

/// How long a statement that holds its parent's ACCESS EXCLUSIVE lock waits for its own table, in
/// milliseconds: well below the server's `deadlock_timeout` (1 s unless changed).
const BRIEF_MS: u32 = 50;

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

    /// An index built or dropped CONCURRENTLY: outside any transaction, blocking nobody.
    #[must_use]
    pub fn concurrently(table: &QualifiedName, scans: bool, sql: impl Into<String>) -> Self {
        Self { scans, in_transaction: false, ..Self::short(table, Lock::ShareUpdateExclusive, sql) }
    }

    /// With its parent table locked first.
    #[must_use]
    pub fn after_locking(mut self, parent: &QualifiedName) -> Self {
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

    /// How it waits for its lock: whoever blocks nobody while queueing may wait longer.
    #[must_use]
    pub fn policy(&self, policy: LockPolicy) -> LockPolicy {
        match self.blocks() {
            Blocks::Neither => {
                LockPolicy { lock_timeout: PATIENT.max(policy.lock_timeout), ..policy }
            }
            Blocks::Writes | Blocks::ReadsAndWrites => policy,
        }
    }

    /// Locks the parent. Where that keeps readers out (dropping a key), the table itself is waited
    /// for only very briefly from then on: an INSERT has its own table first and wants the parent
    /// next, and would be the one whom the server chooses to break the deadlock.
    fn locking(&self, parent: &QualifiedName) -> Vec<String> {
        let lock = format!("LOCK TABLE {} IN {} MODE", parent.sql(), self.lock);
        match self.blocks() {
            Blocks::ReadsAndWrites => vec![lock, format!("SET LOCAL lock_timeout = {BRIEF_MS}")],
            Blocks::Writes | Blocks::Neither => vec![lock],
        }
    }

    /// The transactions it takes, in order; one without BEGIN and COMMIT stands alone.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        let note = self.note.as_ref().map(|note| match note {
            Note::Made(made) => made.insert(),
            Note::Gone(made) => made.delete(),
        });
        if self.in_transaction {
            let locks = self.parent.iter().flat_map(|parent| self.locking(parent));
            let statements = locks.chain([self.sql.clone()]).chain(note).collect();
            return vec![Transaction { statements, is_alone: false }];
        }
        let alone = Transaction { statements: vec![self.sql.clone()], is_alone: true };
        let note = note.map(|note| Transaction { statements: vec![note], is_alone: false });
        match self.note {
            Some(Note::Made(_)) => note.into_iter().chain([alone]).collect(),
            Some(Note::Gone(_)) | None => [alone].into_iter().chain(note).collect(),
        }
    }
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
        statement.transactions().iter().map(|t| (t.statements.len(), t.is_alone)).collect()
    }

    #[test]
    fn a_note_goes_with_its_statement_or_around_it() {
        let table = QualifiedName::new("public", "policies");
        let short =
            Statement::short(&table, Lock::AccessExclusive, "ALTER").noting(Note::Made(made()));
        assert_eq!(shapes(&short), [(2, false)]);
        let build = Statement::concurrently(&table, true, "CREATE").noting(Note::Made(made()));
        assert_eq!(shapes(&build), [(1, false), (1, true)]);
        let drop = Statement::concurrently(&table, false, "DROP").noting(Note::Gone(made()));
        assert_eq!(shapes(&drop), [(1, true), (1, false)]);
    }

    #[test]
    fn only_who_blocks_nobody_waits_long() {
        let policy = LockPolicy { lock_timeout: Duration::from_secs(1), retries: 3 };
        let table = QualifiedName::new("public", "policies");
        let alter = Statement::short(&table, Lock::ShareRowExclusive, "ALTER");
        assert_eq!(alter.policy(policy).lock_timeout, Duration::from_secs(1));
        let validate = Statement::validation(&table, "VALIDATE");
        assert_eq!(validate.policy(policy).lock_timeout, PATIENT);
    }
}
