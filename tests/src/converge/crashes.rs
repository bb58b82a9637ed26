//! The server dies under a command, with every process it has, and comes back: the same command
//! ends where it ends when nothing happens.

use rehearse::server::{Server, ServerOptions};

use super::Part;
use super::struck::Struck;
use crate::harness::{Database, block_on, create_legacy};

/// Enough for an index to be built of something.
const ROWS: u64 = 500;
/// Every so many statements the server crashes.
const EVERY: usize = 5;

fn crashed_under_it_ends_the_same(phases_before: &[&str], up: &str, down: &str) {
    let mut server = Server::start(&ServerOptions::default()).expect("a PostgreSQL server");
    block_on(create_legacy(&server, "crashing", ROWS));
    let part = Part::of(&["policies"]);
    let db = Database::elsewhere(&server, "crashing");
    part.take(&db, phases_before);
    let up = Struck::unharmed(&part, &db, up);
    for n in up.points().into_iter().step_by(EVERY) {
        part.manifest.migration(&db, down).is(0);
        up.broken_at(n, |_| {
            server.crash().expect("crash the server");
            server.start_again().expect("it comes back");
        });
    }
}

#[test]
fn up_1_ends_the_same_when_the_server_crashes_under_it() {
    crashed_under_it_ends_the_same(&[], "up --phase 1", "down --phase 1 --yes");
}

#[test]
fn up_3_ends_the_same_when_the_server_crashes_under_it() {
    crashed_under_it_ends_the_same(&["1", "1.5", "2"], "up --phase 3", "down --phase 3");
}
