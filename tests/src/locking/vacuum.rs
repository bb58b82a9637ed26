//! An autovacuum at work on one of the tables. It gives way to somebody who has waited for
//! `deadlock_timeout`; a statement with a shorter lock timeout would never get past it.

use rehearse::legacy::{self, Volume};
use rehearse::server::{Server, ServerOptions};

use crate::harness::{Database, Session, block_on, until};

/// Slow enough to go on for minutes, and to begin at once.
const SLOW: &str = "autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, \
                    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1";

#[test]
fn an_autovacuum_gives_way_to_every_phase_however_short_the_lock_timeout() {
    let settings = vec![("autovacuum_naptime".to_owned(), "1s".to_owned())];
    let server = Server::start(&ServerOptions { settings, ..ServerOptions::default() })
        .expect("a PostgreSQL server");
    block_on(async {
        server.create_database("atlas", None).await.expect("a database");
        let db = sea_orm::Database::connect(server.url("atlas")).await.expect("connect");
        legacy::create_schema(&db).await.expect("the schema");
        legacy::load(&db, &Volume::of_rows(20_000)).await.expect("data");
        db.close().await.expect("close");
    });
    let url = server.url("atlas");
    let mut session = Session::open(&url, "the test");
    session.execute(&format!("ALTER TABLE inventory_items SET ({SLOW})"));
    for (words, status) in [
        ("up --phase 1", 0),
        ("up --phase 1.5", 0),
        ("down --phase 1.5", 0),
        ("down --phase 1 --yes", 0),
    ] {
        session.execute("UPDATE inventory_items SET last_seen_at = now() WHERE id % 2 = 0");
        until("an autovacuum is at work", || {
            session.text(
                "SELECT count(*)::text FROM pg_stat_progress_vacuum
                 WHERE relid = 'inventory_items'::regclass",
            ) == "1"
        });
        let words = format!("{words} --lock-timeout 300ms --lock-retries 1");
        Database::tool_at(&url, "migration").words(&words).run().is(status);
    }
}
