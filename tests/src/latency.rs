//! No request of the application notices the rollout: none fails, and none waits behind it for
//! longer than one try for a lock may take.
//!
//! The application is the traffic of a rehearsal, in both its codes; who waits for whom is what a
//! watch on the locks saw. A second test sees to it that the watch would see what must not be.

use std::time::Duration;

use rehearse::legacy::{self, Volume};
use rehearse::traffic::{Deployed, Traffic, TrafficOptions, TrafficSummary};
use rehearse::watch::{Episode, Watch, Watched};

use crate::harness::{Answer, Database, ROWS, block_on, until};

/// Findings over and above the template's.
const FINDINGS: u64 = 1_000_000;

/// How long a transaction of the application is held open in the middle of phases 1 and 3.
const HELD: Duration = Duration::from_secs(20);

/// The fewest statements that must have run while a command was at work, for its latencies to say
/// anything.
const STATEMENTS: u64 = 30;

/// How long one try of ours may wait for a lock: the default of `--lock-timeout`.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// What a change of a table's definition may take once it has its lock: a few statements that touch
/// some rows of the catalog, and their round trips. That is milliseconds, but on a machine whose two
/// cores run several servers' tests at a time each of them may have to wait its turn.
const CHANGE: Duration = Duration::from_millis(500);

/// The steps in which no command runs.
const ASIDE: [&str; 2] = ["before", "between"];

struct Stage {
    db: Database,
    traffic: Traffic,
    watch: Watch,
}

impl Stage {
    fn open(db: Database, options: &TrafficOptions) -> Self {
        let url = db.url();
        let traffic = block_on(Traffic::start(&url, ASIDE[0], options)).expect("the traffic");
        let watch = block_on(Watch::start(&url, ASIDE[0])).expect("the watch");
        Self { db, traffic, watch }
    }

    /// Runs a command, which must succeed, under a step of its own, which ends with it.
    #[track_caller]
    fn run(&self, tool: &str, words: &str) -> Answer {
        self.step(&format!("{tool} {words}"));
        let answer = self.db.tool(tool).words(words).run().is(0);
        self.step(ASIDE[1]);
        answer
    }

    /// The same while a transaction of the application is open.
    #[track_caller]
    fn run_beside_a_long_transaction(&mut self, tool: &str, words: &str) -> Answer {
        block_on(self.traffic.hold(HELD));
        self.run(tool, words)
    }

    fn step(&self, name: &str) {
        self.traffic.step(name);
        self.watch.step(name);
    }

    fn close(self) -> (TrafficSummary, Watched) {
        let traffic = block_on(self.traffic.stop());
        (traffic, block_on(self.watch.stop()).expect("what the watch saw"))
    }
}

#[test]
fn no_request_notices_the_rollout() {
    let db = Database::legacy();
    let loaded = block_on(async {
        let connection = sea_orm::Database::connect(db.url()).await.expect("connect");
        let loaded = legacy::add_findings(&connection, &Volume::of_rows(ROWS), FINDINGS).await;
        connection.close().await.expect("close");
        loaded
    });
    loaded.expect("a large table");
    let options = TrafficOptions { statements_per_second: 250, ..TrafficOptions::default() };
    let mut stage = Stage::open(db, &options);

    stage
        .run_beside_a_long_transaction("migration", "up --phase 1")
        .says("(tenantatlas, idle in transaction");
    block_on(stage.traffic.deploy(Deployed::Both));
    stage.run("migration", "up --phase 1.5");
    stage.run("backfill", "run");
    stage.run_beside_a_long_transaction("migration", "up --phase 3");
    stage.run("validate", "--phase 3");
    stage.run("migration", "down --phase 3");
    stage.run("migration", "down --phase 1.5");
    block_on(stage.traffic.deploy(Deployed::Old));
    stage.run("migration", "down --phase 1 --yes");

    let (traffic, watched) = stage.close();
    for step in &traffic.steps {
        assert_eq!(step.errors, 0, "{step:?}");
    }
    let commands: Vec<_> =
        traffic.steps.iter().filter(|step| !ASIDE.contains(&&*step.name)).collect();
    assert_eq!(commands.len(), 8);
    for step in commands {
        assert!(step.statements >= STATEMENTS, "{step:?}");
    }
    let gap = Duration::from_millis(watched.longest_gap_ms);
    let bound = LOCK_TIMEOUT + CHANGE + gap;
    let too_long = |episode: &&Episode| u128::from(episode.at_most_ms) > bound.as_millis();
    let too_long: Vec<_> = watched.episodes.iter().filter(too_long).collect();
    assert!(too_long.is_empty(), "longer than {bound:?}: {too_long:#?}");
    let scans: Vec<_> = watched.scans().collect();
    assert!(
        scans.is_empty(),
        "read a table under a lock that the application waited for: {scans:#?}"
    );
    // The transactions that were held open saw to it that there was something to be seen.
    assert!(watched.looks > 500 && !watched.episodes.is_empty(), "{watched:?}");
}

/// The plain form of a step, in a session that is called as ours are, on a table each of whose rows
/// takes a while to be read: however fast the machine, the traffic comes to wait.
fn is_seen_reading(plain: &str) {
    let stage = Stage::open(Database::legacy(), &TrafficOptions::default());
    let slow = "CREATE FUNCTION slow(bigint) RETURNS bigint IMMUTABLE LANGUAGE plpgsql \
                AS 'BEGIN PERFORM pg_sleep(0.005); RETURN $1; END'";
    stage.db.execute(slow);
    until("the traffic is there", || stage.traffic.summary().steps[0].statements > 0);
    stage.db.session("workspace-isolation test").execute(plain);
    let (traffic, watched) = stage.close();
    let seen: Vec<_> = watched.scans().collect();
    assert!(!seen.is_empty(), "{watched:?}");
    for episode in seen {
        assert!(episode.is_held && episode.lock_type == "relation", "{episode:?}");
        assert_eq!(episode.query, plain);
    }
    assert_eq!(traffic.steps[0].errors, 0, "{traffic:?}");
}

#[test]
fn a_plain_index_is_seen_reading_under_its_lock() {
    is_seen_reading("CREATE INDEX plain ON findings (slow(id))");
}

#[test]
fn a_constraint_that_is_validated_at_once_is_seen_reading_under_its_lock() {
    is_seen_reading("ALTER TABLE findings ADD CONSTRAINT plain CHECK (slow(id) > 0)");
}
