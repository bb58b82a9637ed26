//! `migration plan`, read back: what would run, transaction by transaction.

use serde_json::Value;

use super::{Answer, Database, Session};

/// SQL that is committed together, as `migration plan --format json` has it.
pub(crate) struct Step {
    /// The statements.
    pub(crate) sql: Vec<String>,
    /// Whether they are a transaction, or one statement outside any.
    pub(crate) is_transaction: bool,
    /// The strongest table lock it is said to take.
    pub(crate) lock: String,
    /// What it is said to keep the application from.
    pub(crate) blocks: String,
    /// Whether it is said to read the whole table.
    pub(crate) scans: bool,
}

/// The steps of a plan in JSON.
pub(crate) fn steps(answer: &Answer) -> Vec<Step> {
    let plan = answer.json();
    plan["statements"].as_array().expect("statements").iter().map(Step::read).collect()
}

/// An array of text.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().expect("an array").iter();
    items.map(|item| item.as_str().expect("text").to_owned()).collect()
}

impl Step {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().expect(name).to_owned();
        Self {
            sql: texts(&value["sql"]),
            is_transaction: value["transaction"].as_bool().expect("transaction"),
            lock: text("lock"),
            blocks: text("blocks"),
            scans: value["scans"].as_bool().expect("scans"),
        }
    }

    /// The statement it is about: neither the lock on a parent taken before it, nor the note
    /// about it. A step of a note alone has none.
    pub(crate) fn main(&self) -> Option<&String> {
        let notes = ["INSERT INTO \"workspace_isolation\"", "DELETE FROM \"workspace_isolation\""];
        let is_main = |sql: &&String| {
            !sql.starts_with("LOCK TABLE ")
                && !sql.starts_with("SET LOCAL ")
                && !notes.iter().any(|note| sql.starts_with(note))
        };
        let mut main = self.sql.iter().filter(is_main);
        let first = main.next();
        assert_eq!(main.next(), None, "more than one statement in {:?}", self.sql);
        first
    }

    /// Runs it as it says.
    pub(crate) fn run(&self, session: &mut Session) {
        if self.is_transaction {
            session.execute("BEGIN");
        }
        for sql in &self.sql {
            session.execute(sql);
        }
        if self.is_transaction {
            session.execute("COMMIT");
        }
    }
}

impl Database {
    /// What is still to run for a phase.
    pub(crate) fn plan(&self, phase: &str) -> Vec<Step> {
        steps(&self.migration(&format!("plan --format json --phase {phase}")).is(0))
    }
}
