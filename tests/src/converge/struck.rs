//! A command that is struck down at one of its statements, and asked for again.

use std::process::Child;

use super::Part;
use crate::harness::{Answer, Database, Tool, Wire, difference, until};

/// Where the toolkit keeps what is its own.
const OWN_SCHEMA: &str = "workspace_isolation.";

/// A command on one database, and what it does when nothing comes in between.
pub(super) struct Struck<'a> {
    part: &'a Part,
    db: &'a Database,
    command: &'a str,
    /// The statements it sends that change or lock something.
    statements: Vec<String>,
    /// What it ends with.
    end: String,
}

impl<'a> Struck<'a> {
    /// Runs the command unharmed, and takes note of what it does.
    pub(super) fn unharmed(part: &'a Part, db: &'a Database, command: &'a str) -> Self {
        let wire = Wire::to(db);
        wire.run(part.manifest.tool(db, "migration").words(command)).is(0);
        let (statements, end) = (wire.statements(), end(db));
        assert!(statements.len() > 10, "`{command}` sends only {statements:#?}");
        Self { part, db, command, statements, end }
    }

    /// What the command ends with.
    pub(super) fn end(&self) -> &str {
        &self.end
    }

    /// At which statements it is worth striking, the first being 1: at every one, but for what
    /// SeaORM's migrator says again right after it has said it, which makes a table there is.
    pub(super) fn points(&self) -> Vec<usize> {
        let says_again = |n: usize| {
            let sql = &self.statements[n - 1];
            n > 1 && sql.starts_with("CREATE TABLE IF NOT EXISTS") && self.statements[n - 2] == *sql
        };
        (1..=self.statements.len()).filter(|n| !says_again(*n)).collect()
    }

    /// Runs the command, kills it at its n-th statement, and sees whether it ends the same when
    /// it is asked for again.
    pub(super) fn killed_at(&self, n: usize) {
        let killed_at = Wire::to(self.db).kill_at(n, self.tool());
        let killed_at =
            killed_at.unwrap_or_else(|| panic!("{} has no statement {n}", self.command));
        self.ends_the_same(&self.after("was killed", n, &killed_at));
    }

    /// Runs the command, lets the strike come at its n-th statement, and sees whether it fails,
    /// and ends the same when it is asked for again.
    pub(super) fn broken_at(&self, n: usize, strike: impl FnOnce(&mut Child)) {
        let (broken_at, answer) = Wire::to(self.db).break_at(n, self.tool(), strike);
        let broken_at =
            broken_at.unwrap_or_else(|| panic!("{} has no statement {n}", self.command));
        let after = self.after("lost its server", n, &broken_at);
        assert_eq!(answer.status, 2, "{after}{}", said(&answer));
        answer.next("the same command");
        self.ends_the_same(&after);
    }

    fn tool(&self) -> Tool {
        self.part.manifest.tool(self.db, "migration").words(self.command)
    }

    fn after(&self, what: &str, n: usize, statement: &str) -> String {
        let (command, last) = (self.command, self.statements.len());
        format!("after `{command}` {what} at statement {n} of {last}, `{statement}`")
    }

    fn ends_the_same(&self, after: &str) {
        let again = self.tool().run();
        assert_eq!(again.status, 0, "{after}{}", said(&again));
        let end = end(self.db);
        assert!(end == self.end, "{after}\n{}", difference(&end, &self.end));
        nothing_is_left(self.db, after);
    }
}

fn said(answer: &Answer) -> String {
    format!("\nstdout:\n{}\nstderr:\n{}", answer.stdout, answer.stderr)
}

/// What a command ends with: catalog, rows, ledger and notes. When the toolkit wrote its own rows
/// is left out.
pub(super) fn end(db: &Database) -> String {
    let mut lines = vec![db.catalog()];
    let rows = db.data();
    lines.extend(rows.lines().filter(|row| !row.starts_with(OWN_SCHEMA)).map(str::to_owned));
    for (table, row) in [
        ("migrations", "format('ledger: %s', version)"),
        ("objects", "format('note: %s %s %s', kind, relation::text, name)"),
    ] {
        let table = format!("{OWN_SCHEMA}{table}");
        if db.text(&format!("SELECT to_regclass('{table}')")) != "NULL" {
            lines.extend(db.texts(&format!("SELECT {row} FROM {table} ORDER BY 1")));
        }
    }
    lines.join("\n")
}

/// Asserts that no session, no rollout lock and no index that is half built is left.
fn nothing_is_left(db: &Database, after: &str) {
    let sessions = "SELECT query FROM pg_stat_activity \
                    WHERE datname = current_database() AND application_name LIKE 'workspace-isolation%'";
    until(&format!("every session ends {after}"), || db.texts(sessions).is_empty());
    let locks = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' \
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert!(db.texts(locks).is_empty(), "an advisory lock is left {after}");
    let invalid = "SELECT indexrelid::regclass FROM pg_index WHERE NOT (indisvalid AND indisready)";
    assert!(db.texts(invalid).is_empty(), "an index is half built {after}");
}
