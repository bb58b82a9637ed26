//! kill -9 of a command at every statement it sends, then the same command: it ends where it ends
//! when nobody kills it, the whole catalog compared.
//!
//! It is killed when the statement has gone to the server and before its answer comes. The server
//! may have carried it out or not, and goes on alone with an index that is being built.

use std::io::{BufRead as _, BufReader};

use super::Part;
use super::struck::{Struck, end};
use crate::harness::{Wire, assert_same, until};

/// One table that belongs to tenants, and the audit trail.
fn one_table() -> Part {
    Part::of(&["policies"])
}

/// Goes up and down a phase, killed each time at the next of its statements, until each of both
/// has had its turn. That is quicker than a new database each time, and says that the ways up and
/// down leave nothing behind that the next one stumbles over.
fn killed_anywhere_it_ends_the_same(phases_before: &[&str], up: &str, down: &str) {
    let part = one_table();
    let db = part.after(phases_before);
    let beginning = end(&db);
    let up = Struck::unharmed(&part, &db, up);
    let down = Struck::unharmed(&part, &db, down);
    assert_same(down.end(), &beginning);
    let (points_up, points_down) = (up.points(), down.points());
    for turn in 0..points_up.len().max(points_down.len()) {
        up.killed_at(points_up[turn % points_up.len()]);
        down.killed_at(points_down[turn % points_down.len()]);
    }
}

#[test]
fn phase_1_killed_anywhere_ends_the_same_up_and_down() {
    killed_anywhere_it_ends_the_same(&[], "up --phase 1", "down --phase 1 --yes");
}

#[test]
fn phase_1_5_killed_anywhere_ends_the_same_up_and_down() {
    killed_anywhere_it_ends_the_same(&["1"], "up --phase 1.5", "down --phase 1.5");
}

#[test]
fn phase_3_killed_anywhere_ends_the_same_up_and_down() {
    killed_anywhere_it_ends_the_same(&["1", "1.5", "2"], "up --phase 3", "down --phase 3");
}

/// Each kind of statement has been killed at in its own phase; here it is on its way to an earlier
/// one, and there are two tables.
#[test]
fn the_whole_way_down_killed_on_the_way_ends_at_the_beginning() {
    const EVERY: usize = 8;
    let part = Part::of(&["policies", "findings"]);
    let db = part.after(&["1", "1.5", "2", "3"]);
    let down = Struck::unharmed(&part, &db, "down --phase 1 --yes");
    for n in down.points().into_iter().step_by(EVERY) {
        part.take(&db, &["1", "1.5", "2", "3"]);
        down.killed_at(n);
    }
}

/// The server goes on with the build for nobody; the same command waits for it and takes it.
#[test]
fn an_index_that_is_built_for_nobody_is_waited_for() {
    let part = one_table();
    let db = part.after(&["1"]);
    let up = || part.manifest.tool(&db, "migration").words("up --phase 1");
    let lose = "DROP INDEX policies_workspace_id_index";

    db.execute(lose);
    let wire = Wire::to(&db);
    wire.run(up()).is(0);
    let is_build = |sql: &String| sql.starts_with("CREATE INDEX CONCURRENTLY");
    let n = 1 + wire.statements().iter().position(is_build).expect("a build");

    db.execute(lose);
    // CREATE INDEX CONCURRENTLY waits for whoever has written to the table.
    let mut writer = db.session("a writer");
    writer.execute("BEGIN; UPDATE policies SET display_name = display_name WHERE id = 1");
    Wire::to(&db).kill_at(n, up()).expect("it comes to the build");
    let build = "SELECT oid FROM pg_class WHERE relname = 'policies_workspace_id_index'";
    until("the build begins", || db.texts(build).len() == 1);
    let begun = db.text(build);
    let mut again = up().spawn();
    let mut lines = BufReader::new(again.stderr.take().expect("its stderr")).lines();
    let waiting = lines.find_map(|line| line.ok().filter(|line| line.contains("waiting")));
    writer.execute("ROLLBACK");
    // To its end: it would fail if nobody listened any more.
    let rest: Vec<_> = lines.map_while(Result::ok).collect();
    assert!(again.wait().expect("wait for it").success(), "{rest:#?}");
    let waiting = waiting.expect("it waits");
    assert!(waiting.contains("is being built by pid "), "{waiting}");
    assert_eq!(db.text(build), begun, "it was built twice");
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'policies_workspace_id_index'::regclass";
    assert_eq!(db.text(valid), "true");
}
