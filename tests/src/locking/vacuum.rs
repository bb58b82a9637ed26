//! An autovacuum at work on one of the tables. It gives way to somebody who has waited for
//! `deadlock_timeout`; a statement with a shorter lock timeout would never get past it.

use rehearse::server::{Server, ServerOptions};

use crate::harness::{Database, block_on, create_legacy, until};

/// Slow enough to go on for minutes, and to begin at once.
const SLOW: &str = "autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, \
                    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1";

#[test]
fn an_autovacuum_gives_way_to_every_phase_however_short_the_lock_timeout() {
    let settings = vec![("autovacuum_naptime".to_owned(), "1s".to_owned())];
    let server = Server::start(&ServerOptions { settings, ..ServerOptions::default() })
        .expect("a PostgreSQL server");
    block_on(create_legacy(&server, "atlas", 20_000));
    let db = Database::elsewhere(&server, "atlas");
    db.execute(&format!("ALTER TABLE inventory_items SET ({SLOW})"));
    let at_work = "SELECT count(*) FROM pg_stat_progress_vacuum
                   WHERE relid = 'inventory_items'::regclass";
    for words in ["up --phase 1", "up --phase 1.5", "down --phase 1.5", "down --phase 1 --yes"] {
        db.execute("UPDATE inventory_items SET last_seen_at = now() WHERE id % 2 = 0");
        until("an autovacuum is at work", || db.number(at_work) == 1);
        db.migration(&format!("{words} --lock-timeout 300ms --lock-retries 1")).is(0);
    }
}
