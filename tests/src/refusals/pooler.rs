//! Poolers: one that shares connections is refused by every command, before anything is said to
//! the server that could stay behind; one that does not is as good as the server itself.

use super::refused;
use crate::harness::{Database, Pooler, Session, Tool, assert_same, until};

const COMMANDS: [(&str, &str); 8] = [
    ("migration", "status"),
    ("migration", "plan"),
    ("migration", "up --phase 1"),
    ("migration", "down --phase 1 --yes"),
    ("backfill", "run --dry-run"),
    ("backfill", "work"),
    ("backfill", "status"),
    ("validate", ""),
];

fn refuses_everything(settings: &str) {
    let db = Database::legacy();
    let pooler = Pooler::start(settings);
    for (name, words) in COMMANDS {
        let answer =
            refused(&db, 2, || Database::tool_at(&pooler.url(&db), name).words(words).run());
        answer
            .says("a pooler there changes the server process with every transaction")
            .next("name the server itself in DATABASE_URL, or a pooler's port in session mode");
    }
    let kept = "SELECT concat_ws(' ', current_setting('lock_timeout'), current_setting('statement_timeout'),
                    current_setting('idle_session_timeout'), current_setting('client_min_messages'),
                    (SELECT count(*) FROM pg_prepared_statements))";
    let fresh = db.session("the application").text(kept);
    let behind = Session::open(&pooler.url(&db), "the application").text(kept);
    assert_eq!(behind, fresh, "something stayed behind on a shared connection");
}

#[test]
fn a_pooler_in_transaction_mode_is_refused_by_every_command() {
    refuses_everything("pool_mode = transaction");
}

#[test]
fn a_pooler_that_hands_its_connections_out_in_turns_is_refused_too() {
    refuses_everything("pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 2");
}

#[test]
fn a_pooler_with_a_single_connection_is_refused_without_waiting_for_it() {
    refuses_everything("pool_mode = transaction\ndefault_pool_size = 1");
}

#[test]
fn a_pooler_in_statement_mode_is_refused_too() {
    refuses_everything("pool_mode = statement");
}

#[test]
fn a_pooler_in_statement_mode_that_will_not_begin_is_refused_as_one() {
    let db = Database::legacy();
    let pooler = Pooler::start("pool_mode = statement\nserver_round_robin = 1");
    // With two server processes that take turns, each of the two connections that look meets one
    // of its own, which tells nothing yet.
    let mut gate = db.session("the gate");
    gate.execute("SELECT pg_advisory_lock(1)");
    let url = pooler.url(&db);
    let waiting = std::thread::spawn(move || {
        Session::open(&url, "one").execute("SELECT pg_advisory_xact_lock(1)");
    });
    let is_waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    until("the one holds a process", || db.number(is_waiting) == 1);
    Session::open(&pooler.url(&db), "other").execute("SELECT 1");
    gate.execute("SELECT pg_advisory_unlock(1)");
    waiting.join().expect("it has its turn");
    let tool = Database::tool_at(&pooler.url(&db), "migration").words("status");
    refused(&db, 2, || tool.run()).says("a pooler there changes the server process");
}

#[test]
fn a_pooler_in_session_mode_is_as_good_as_the_server() {
    let db = Database::legacy();
    let pooler = Pooler::start("pool_mode = session");
    let url = pooler.url(&db);
    let tool = |name: &str, words: &str| Tool::new(name).env("DATABASE_URL", &url).words(words);
    tool("migration", "plan").run().is(0);
    tool("migration", "up --phase 1").run().is(0);
    assert_same(&db.catalog(), &Database::columns().catalog());
    tool("validate", "--phase 1").run().is(0);
    tool("migration", "up --phase 1.5").run().is(0);
    tool("backfill", "run").run().is(0);
    tool("validate", "").run().is(0);
    assert_eq!(db.unbound(), 0);
}
