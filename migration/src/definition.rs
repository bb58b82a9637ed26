//! What a migration is: a name, a phase, and the statements that are still to run, found by
//! holding the definition against the catalog.

use isolation::catalog::{Catalog, Index, Relation};
use isolation::names::QualifiedName;
use isolation::scope::{Scope, Target};
use validate::structure::State;

use crate::bookkeeping::{Bookkeeping, Kind, Made};
use crate::phase::Phase;
use crate::statement::{Note, Statement};

/// What a definition is held against.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The manifest, resolved.
    pub scope: &'a Scope,
    /// What the database has.
    pub catalog: &'a Catalog,
    /// What the toolkit made of it.
    pub bookkeeping: &'a Bookkeeping,
}

/// Something of the right name that is not what it should be, in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch(pub String);

/// A migration's definition. Both directions are pure, and empty where nothing is left to do.
pub trait Definition: Send + Sync {
    /// Its name in the ledger.
    fn name(&self) -> &'static str;

    /// The phase it belongs to.
    fn phase(&self) -> Phase;

    /// What it does, in a few words.
    fn about(&self) -> &'static str;

    /// The statements that are still to run for it to stand.
    ///
    /// # Errors
    /// Every object in the way: of the right name, but not what it should be.
    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>>;

    /// The statements that are still to run for it to be gone. Only what the toolkit made goes.
    fn down(&self, view: &View<'_>) -> Vec<Statement>;
}

impl View<'_> {
    /// The relation of a target. Scope and catalog are of one reading, so it is there.
    #[must_use]
    pub fn relation(&self, oid: u32) -> Option<&Relation> {
        self.catalog.by_oid(oid)
    }

    /// The tenant-owned tables with their relations.
    pub fn tables(&self) -> impl Iterator<Item = (&Target, &Relation)> {
        self.scope.tables.iter().filter_map(|t| Some((t, self.relation(t.oid)?)))
    }

    /// The audit tables with their relations.
    pub fn audit_tables(&self) -> impl Iterator<Item = (&Target, &Relation)> {
        self.scope.audit_tables.iter().filter_map(|t| Some((t, self.relation(t.oid)?)))
    }
}

/// Statements, or what is in their way, gathered over many objects.
#[derive(Debug, Default)]
pub struct Gathered {
    statements: Vec<Statement>,
    mismatches: Vec<Mismatch>,
}

impl Gathered {
    /// Adds a statement.
    pub fn run(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Adds something that is in the way.
    pub fn refuse(&mut self, what: String) {
        self.mismatches.push(Mismatch(what));
    }

    /// Adds what an index still needs, by how it stands: an INVALID one is what an interrupted
    /// build leaves behind, and is dropped and built anew.
    pub fn index(&mut self, state: State, on: &Relation, name: &str, create: impl Fn() -> String) {
        let table = on.qualified();
        let made = Made::new(Kind::Index, on, name);
        match state {
            State::Valid => {}
            State::Absent if on.names_taken.iter().any(|taken| taken == name) => {
                self.refuse(format!(
                    "the name {name} is taken in schema {}, by something that is no index of {table}",
                    on.schema
                ));
            }
            State::Absent => {
                let build = Statement::concurrently(&table, true, create());
                self.run(build.noting(Note::Made(made)));
            }
            // Somebody is at it, perhaps the server process of a command that was killed: whoever
            // executes waits for it and looks again.
            State::Invalid if on.index(name).is_some_and(|index| index.building) => {}
            State::Invalid => {
                self.run(Statement::concurrently(&table, false, drop_index(&table.sibling(name))));
                let build = Statement::concurrently(&table, true, create());
                self.run(build.noting(Note::Made(made)));
            }
            State::Different(how) => {
                self.refuse(format!("index {name} on {table} is not ours: {how}"));
            }
        }
    }

    /// Adds what a constraint needs to stand at all, valid or not.
    pub fn constraint(
        &mut self,
        state: State,
        on: &Relation,
        name: &str,
        add: impl Fn() -> Statement,
    ) {
        match state {
            State::Valid | State::Invalid => {}
            State::Absent => {
                let made = Made::new(Kind::Constraint, on, name);
                self.run(add().noting(Note::Made(made)));
            }
            State::Different(how) => {
                self.refuse(format!("constraint {name} on {} is not ours: {how}", on.qualified()));
            }
        }
    }

    /// The statements, unless something is in the way.
    ///
    /// # Errors
    /// Everything that is in the way.
    pub fn into_statements(self) -> Result<Vec<Statement>, Vec<Mismatch>> {
        if self.mismatches.is_empty() { Ok(self.statements) } else { Err(self.mismatches) }
    }
}

/// Drops an index without blocking anybody.
#[must_use]
pub fn drop_index(index: &QualifiedName) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index.sql())
}

/// The statement that takes back an index of the toolkit's making, if it is one and stands.
#[must_use]
pub fn take_back_index(view: &View<'_>, on: &Relation, name: &str) -> Option<Statement> {
    let table = on.qualified();
    let made = Made::new(Kind::Index, on, name);
    let stands: Option<&Index> = on.index(name);
    if stands.is_none() || !view.bookkeeping.notes(&made) {
        return None;
    }
    let drop = Statement::concurrently(&table, false, drop_index(&table.sibling(name)));
    Some(drop.noting(Note::Gone(made)))
}
