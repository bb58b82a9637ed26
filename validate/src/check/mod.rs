//! Everything that can be asked: one [`Check`] for each kind and table, built from the scope.
//!
//! `rows` asks about rows, with SQL; `object` about structure, of the catalog.

pub mod kind;
pub(crate) mod object;
pub(crate) mod rows;

use isolation::guard;
use isolation::scope::Scope;

pub use kind::{Kind, Phase};
use object::Object;
use rows::Rows;

/// One question of the gate, about one table.
#[derive(Debug, Clone)]
pub struct Check {
    /// `kind/table`, with the table as the manifest writes it.
    pub id: String,
    /// What is asked.
    pub kind: Kind,
    /// The table, as the manifest writes it.
    pub table: String,
    /// What fails the check, in a sentence.
    pub asks: String,
    /// The question as SQL that stands alone: the count, or the catalog's entry.
    pub sql: String,
    /// SQL that shows the rows themselves, where it is about rows.
    pub rows_sql: Option<String>,
    /// How to mend it.
    pub remedy: String,
    /// The remedy without the rows it speaks of, where people have to decide what to do with
    /// them.
    pub(crate) decision: Option<String>,
    pub(crate) subject: Subject,
}

/// What a check looks at.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    Rows(Rows),
    Object(Object),
}

impl Check {
    /// The phases whose gate asks this.
    #[must_use]
    pub fn phases(&self) -> &'static [Phase] {
        self.kind.phases()
    }

    /// The next command to type when it fails: the remedy, or where that is not for a machine to
    /// choose, the explanation.
    #[must_use]
    pub fn next_command(&self) -> String {
        match self.kind.command() {
            Some(command) => command.to_owned(),
            None => format!("validate explain {}", shell_word(&self.id)),
        }
    }

    pub(crate) fn new(kind: Kind, table: &str, asks: String, sql: String, object: Object) -> Self {
        Self {
            id: format!("{}/{table}", kind.name()),
            kind,
            table: table.to_owned(),
            asks,
            sql,
            rows_sql: None,
            decision: None,
            remedy: kind.command().unwrap_or_default().to_owned(),
            subject: Subject::Object(object),
        }
    }
}

/// Every check of a scope: structure of phase 1, data, structure of the later phases.
#[must_use]
pub fn registry(scope: &Scope) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(scope.tables.iter().map(object::column));
    checks.extend(scope.tables.iter().map(object::index));
    checks.push(object::tenants_unique(scope));
    checks.extend(scope.tables.iter().flat_map(|t| rows::owned(scope, t)));
    checks.extend(scope.audit_tables.iter().map(rows::audit));
    checks.extend(guard::expected(scope).into_iter().map(object::guard));
    checks.extend(scope.tables.iter().map(object::not_null));
    checks.extend(scope.tables.iter().map(|t| object::foreign_key(scope, t)));
    checks.extend(scope.tables.iter().map(|t| object::composite_key(scope, t)));
    checks.extend(scope.audit_tables.iter().map(object::required_check));
    checks
}

/// A word as a shell takes it for exactly itself.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;
