//! What is planned is what runs, and it is as harmless as the plan says.

use crate::harness::{Database, Session, Step, assert_same, server, steps, texts};

/// Makes a database.
type Make = fn() -> Database;

/// Each phase, with a database on which it comes next.
fn each_phase() -> [(&'static str, Make); 3] {
    [("1", Database::legacy), ("1.5", Database::columns), ("3", Database::bound)]
}

fn main_statements(steps: &[Step]) -> Vec<String> {
    steps.iter().filter_map(Step::main).cloned().collect()
}

#[test]
fn a_plan_writes_nothing() {
    for db in [Database::legacy(), Database::columns(), Database::bound(), Database::finished()] {
        db.untouched_by(|| {
            for format in ["text", "sql", "json"] {
                db.migration(&format!("plan --format {format}")).is(0);
            }
            for phase in ["1", "1.5", "3"] {
                db.migration(&format!("plan --phase {phase}")).is(0);
            }
        });
    }
}

#[test]
fn the_statements_planned_for_a_phase_are_those_that_up_runs() {
    for (phase, database) in each_phase() {
        let db = database();
        let planned = main_statements(&db.plan(phase));
        let answer = db.migration(&format!("up --phase {phase} --format json")).is(0).json();
        let run = texts(&answer["statements"]);
        assert!(run.len() > 10, "phase {phase}: {run:?}");
        assert_same(&run.join("\n"), &planned.join("\n"));
        assert_eq!(run, planned, "phase {phase}");
    }
}

#[test]
fn the_whole_plan_made_at_the_beginning_is_what_the_phases_run_one_by_one() {
    let db = Database::legacy();
    let planned = main_statements(&steps(&db.migration("plan --format json").is(0)));
    let mut run = Vec::new();
    for phase in ["1", "1.5", "3"] {
        if phase == "3" {
            db.bind();
        }
        let answer = db.migration(&format!("up --phase {phase} --format json")).is(0).json();
        run.extend(texts(&answer["statements"]));
    }
    assert_same(&run.join("\n"), &planned.join("\n"));
    assert_eq!(run, planned);
}

#[test]
fn nothing_is_planned_for_what_is_applied() {
    let db = Database::finished();
    assert!(steps(&db.migration("plan --format json").is(0)).is_empty());
    db.migration("plan").is(0).prints("Nothing is left to run.");
    let script = db.migration("plan --format sql").is(0).stdout;
    assert_eq!(script, "-- Nothing is left to run.\n");
}

#[test]
fn what_stands_in_the_way_comes_before_the_steps() {
    let db = Database::columns();
    let mut report = db.session("nightly report");
    report.execute("BEGIN; SELECT count(*) FROM findings");
    let plan = db.migration("plan --phase 3 --long-transaction 1ms").is(0).stdout;
    let at = |words: &str| plan.find(words).unwrap_or_else(|| panic!("no `{words}` in {plan}"));
    let pending = "\npending phases come first: 1.5 (migration up --phase 1.5)\n";
    assert!(at("nightly report") < at(pending), "{plan}");
    assert!(at(pending) < at("Statement"), "{plan}");
    let end = " steps; --format sql shows them whole\n";
    assert!(plan.ends_with(end), "{plan}");
    let script = db.migration("plan --phase 3 --format sql").is(0);
    script.prints("\n-- pending phases come first: 1.5 (migration up --phase 1.5)\n");
    let plan = db.migration("plan").is(0).stdout;
    assert!(!plan.contains("come first"), "{plan}");
}

#[test]
fn the_whole_plan_names_the_backfill_between_its_phases() {
    let plan = Database::legacy().migration("plan").is(0).stdout;
    let phases: Vec<_> = plan
        .lines()
        .filter_map(|line| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["2", "(backfill", "run", "and", "validate", ..] => Some("2"),
            [number, phase, ..] if number.parse::<u32>().is_ok() => Some(*phase),
            _ => None,
        })
        .filter(|word| *word != "steps;")
        .collect();
    let mut in_order = phases.clone();
    in_order.dedup();
    assert_eq!(in_order, ["1", "1.5", "2", "3"], "{plan}");
    assert_eq!(phases.iter().filter(|phase| **phase == "2").count(), 1);
}

#[test]
fn the_script_leads_where_up_leads_and_leaves_up_nothing_to_run() {
    for (phase, database) in each_phase() {
        let (by_up, by_script) = (database(), database());
        by_up.up(phase);
        let script = by_script.migration(&format!("plan --format sql --phase {phase}")).is(0);
        by_script.psql(&script.stdout);
        assert_same(&by_script.catalog(), &by_up.catalog());
        let answer = by_script.migration(&format!("up --phase {phase} --format json")).is(0).json();
        assert!(texts(&answer["statements"]).is_empty(), "phase {phase}: {answer}");
        assert!(!texts(&answer["migrations"]).is_empty(), "the ledger learns of it: {answer}");
        assert_same(&by_script.catalog(), &by_up.catalog());
    }
}

/// The plan of the built-in manifest is published for those who review it, and for the linter.
#[test]
fn the_published_script_is_the_plan() {
    let (oldest, newest) = ("docs/plan/tenantatlas-14.sql", "docs/plan/tenantatlas-18.sql");
    let file = if server().version() < 18 { oldest } else { newest };
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let script = Database::legacy().migration("plan --format sql").is(0).stdout;
    if std::env::var_os("PUBLISH").is_some() {
        std::fs::write(&path, &script).expect("write the script");
    }
    let published = std::fs::read_to_string(&path).expect("the published script");
    assert!(
        published == script,
        "{file} is not what is planned: PUBLISH=1 {bin}cargo test -p tests -- published_script",
        bin = if server().version() < 18 { "" } else { "ISOLATION_PG_BIN=… " }
    );
}

#[test]
fn what_the_script_made_can_be_taken_back() {
    let db = Database::legacy();
    let before = db.catalog();
    let script = db.migration("plan --format sql --phase 1").is(0);
    db.psql(&script.stdout);
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &before);
}

#[test]
fn the_script_keeps_nobody_waiting_behind_it_for_longer_than_asked() {
    for (phase, database) in each_phase() {
        let plan = format!("plan --format sql --phase {phase} --lock-timeout 1234ms");
        let script = database().migration(&plan).is(0).stdout;
        let steps: Vec<_> =
            script.split("\n\n-- ").filter(|step| step.contains("; blocks: ")).collect();
        assert!(steps.len() > 10, "{script}");
        for step in steps {
            let is_transaction = step.contains("\nBEGIN;\n");
            assert_ne!(is_transaction, step.contains("CONCURRENTLY "), "{step}");
            let is_harmless = step.contains("; blocks: neither");
            assert!(is_harmless || longest_queue(step) <= 1234, "{step}");
        }
    }
}

/// How long a step may keep the application waiting behind it, in milliseconds: the timeout of the
/// one statement that waits for a lock which blocks somebody.
fn longest_queue(step: &str) -> u64 {
    let mut timeout = u64::MAX;
    let mut waits = Vec::new();
    for line in step.lines().skip_while(|line| *line != "BEGIN;").skip(1) {
        if let Some(value) = line.strip_prefix("SET LOCAL lock_timeout = ") {
            timeout = value.trim_end_matches(';').parse().expect("milliseconds");
        } else if line.starts_with("LOCK TABLE ") {
            if !line.contains("IN SHARE UPDATE EXCLUSIVE MODE") && !line.ends_with(" NOWAIT;") {
                waits.push(timeout);
            }
        } else if ["ALTER ", "CREATE ", "DROP "].iter().any(|verb| line.starts_with(verb)) {
            // Who has locked both tables before waits no more.
            if waits.is_empty() {
                waits.push(timeout);
            }
        }
    }
    let [wait] = waits[..] else { panic!("not one wait in {step}") };
    wait
}

/// The table locks of a plan, the weakest first.
const LOCKS: [&str; 4] =
    ["none", "SHARE UPDATE EXCLUSIVE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"];

#[test]
fn no_statement_that_blocks_reads_or_writes_scans_a_table() {
    for (phase, database) in each_phase() {
        for step in database().plan(phase) {
            let blocks = match step.lock.as_str() {
                "none" | "SHARE UPDATE EXCLUSIVE" => "neither",
                "SHARE ROW EXCLUSIVE" => "writes",
                "ACCESS EXCLUSIVE" => "reads and writes",
                other => panic!("an unknown lock: {other}"),
            };
            assert_eq!(step.blocks, blocks, "phase {phase}: {:?}", step.sql);
            assert!(!step.scans || step.blocks == "neither", "phase {phase}: {:?}", step.sql);
            if step.sql.iter().any(|sql| sql.contains("CONCURRENTLY")) {
                assert!(!step.is_transaction, "{:?}", step.sql);
                assert_eq!(step.lock, "SHARE UPDATE EXCLUSIVE", "{:?}", step.sql);
            }
        }
    }
}

#[test]
fn every_transaction_takes_the_lock_and_scans_as_the_plan_says() {
    for (phase, database) in each_phase() {
        let db = database();
        let mut session = db.session("the test");
        for step in db.plan(phase) {
            if !step.is_transaction {
                step.run(&mut session);
                continue;
            }
            session.execute("BEGIN");
            let scans_before = scans(&mut session);
            for sql in &step.sql {
                session.execute(sql);
            }
            let has_scanned = scans(&mut session) != scans_before;
            let seen = (strongest_lock(&mut session), has_scanned);
            session.execute("COMMIT");
            assert_eq!(seen, (step.lock.clone(), step.scans), "phase {phase}: {:?}", step.sql);
        }
    }
}

/// The strongest lock that the open transaction holds on any table of the application.
fn strongest_lock(session: &mut Session) -> String {
    let modes = session.text(
        "SELECT coalesce(string_agg(DISTINCT l.mode, ' '), '') FROM pg_locks l
         JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE l.pid = pg_backend_pid() AND l.granted AND c.relkind = 'r' AND n.nspname = 'public'
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    let name = |mode: &str| match mode {
        // What reading or writing rows takes as well: nobody is kept from anything.
        "AccessShareLock" | "RowShareLock" | "RowExclusiveLock" => "none",
        "ShareUpdateExclusiveLock" => "SHARE UPDATE EXCLUSIVE",
        "ShareRowExclusiveLock" => "SHARE ROW EXCLUSIVE",
        "AccessExclusiveLock" => "ACCESS EXCLUSIVE",
        other => panic!("a lock no plan speaks of: {other}"),
    };
    let rank = |lock: &&str| LOCKS.iter().position(|known| known == lock);
    modes.split_whitespace().map(name).max_by_key(rank).unwrap_or("none").to_owned()
}

/// How often the session has scanned a table of the application, or an index of one, since its
/// statistics were last handed over; that never happens inside a transaction.
fn scans(session: &mut Session) -> String {
    session.text(
        "SELECT sum(seq_scan + coalesce(idx_scan, 0))::text FROM pg_stat_xact_user_tables
         WHERE schemaname = 'public'",
    )
}
