//! The stage of a rehearsal, before anything is played on it: server, data, traffic.

use std::error::Error;
use std::time::{Duration, Instant};

use rehearse::legacy::{self, Volume};
use rehearse::server::{Server, ServerOptions};
use rehearse::traffic::{Deployed, Traffic, TrafficOptions, TrafficSummary};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};

type Outcome = Result<(), Box<dyn Error>>;

async fn number(connection: &DatabaseConnection, sql: &str) -> Result<i64, Box<dyn Error>> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.ok_or("no row")?.try_get_by_index(0)?)
}

async fn loaded(server: &Server, volume: &Volume) -> Result<DatabaseConnection, Box<dyn Error>> {
    let connection = Database::connect(server.url("postgres")).await?;
    legacy::create_schema(&connection).await?;
    let loaded = legacy::load(&connection, volume).await?;
    for table in &loaded.tables {
        let rows = number(&connection, &format!("SELECT count(*) FROM {}", table.table)).await?;
        assert_eq!(u64::try_from(rows)?, table.rows, "{}", table.table);
    }
    Ok(connection)
}

/// For each foreign key, how many rows it would refuse: loading did not look.
async fn orphans(connection: &DatabaseConnection) -> Result<i64, Box<dyn Error>> {
    let keys = "SELECT format('SELECT count(*) FROM %s AS child LEFT JOIN %s AS parent ON parent.id = child.%I \
                WHERE child.%I IS NOT NULL AND parent.id IS NULL', \
                conrelid::regclass, confrelid::regclass, attname, attname) \
                FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'";
    let keys = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, keys)).await?;
    assert_eq!(keys.len(), 21);
    let mut orphans = 0;
    for key in keys {
        orphans += number(connection, &key.try_get_by_index::<String>(0)?).await?;
    }
    Ok(orphans)
}

#[tokio::test]
async fn the_data_is_sound() -> Outcome {
    let server = Server::start(&ServerOptions::default())?;
    let volume = Volume { rows: 5000, unclaimed_tenants: 3, seed: 42 };
    let connection = loaded(&server, &volume).await?;
    assert_eq!(orphans(&connection).await?, 0);
    let unclaimed = "SELECT count(*) FROM tenants WHERE workspace_id IS NULL";
    assert_eq!(number(&connection, unclaimed).await?, 3);
    for table in legacy::TABLES {
        let sql = format!(
            "SELECT count(*) FROM {table} JOIN tenants AS t ON t.id = tenant_id WHERE t.workspace_id IS NULL"
        );
        assert_eq!(number(&connection, &sql).await?, 0, "{table} has rows of unclaimed tenants");
    }
    let strangers = "SELECT count(*) FROM backup_items AS i JOIN backup_sets AS s ON s.id = i.backup_set_id \
                     LEFT JOIN policies AS p ON p.id = i.policy_id \
                     WHERE s.tenant_id <> i.tenant_id OR p.tenant_id <> i.tenant_id";
    assert_eq!(number(&connection, strangers).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_server_comes_back_and_goes_without_a_trace() -> Outcome {
    let mut server = Server::start(&ServerOptions { durable: true, ..ServerOptions::default() })?;
    server.create_database("first", None).await?;
    server.create_database("second", Some("first")).await?;
    server.crash()?;
    assert!(!server.is_running());
    server.start_again()?;
    server.restart()?;

    let standby = server.standby().await?;
    let connection = Database::connect(standby.url("second")).await?;
    let standing_by = "SELECT pg_is_in_recovery()::int::bigint";
    assert_eq!(number(&connection, standing_by).await?, 1);
    connection.close().await?;

    server.drop_database("second").await?;
    let homes = [server.socket_dir().to_path_buf(), standby.socket_dir().to_path_buf()];
    drop(standby);
    drop(server);
    assert!(homes.iter().all(|home| !home.exists()));
    Ok(())
}

#[tokio::test]
async fn the_traffic_feels_what_happens() -> Outcome {
    let server = Server::start(&ServerOptions::default())?;
    let connection = loaded(&server, &Volume::of_rows(2000)).await?;
    let busy = TrafficOptions { statements_per_second: 2000, ..TrafficOptions::default() };
    let traffic = Traffic::start(&server.url("postgres"), "as always", &busy).await?;
    wait_for(&traffic, |summary| summary.steps[0].statements >= 200).await?;
    let before = traffic.summary().steps.remove(0);
    traffic.step("findings gone");
    connection.execute_unprepared("ALTER TABLE findings RENAME TO lost").await?;
    wait_for(&traffic, |summary| summary.steps[1].errors >= 3).await?;

    let summary = traffic.stop().await;
    let [_, after] = summary.steps.as_slice() else { return Err("not two steps".into()) };
    assert_eq!((before.errors, before.messages.len()), (0, 0), "{before:?}");
    assert!(before.p50_us <= before.p99_us && before.p99_us <= before.max_us);
    assert!(after.messages[0].contains("findings"), "{after:?}");
    let entries = "SELECT count(*) FROM audit_logs WHERE tenant_id IS NOT NULL AND workspace_id IS NULL \
                    AND actor_name = 'Admin'";
    assert!(number(&connection, entries).await? > 0);
    Ok(())
}

/// Rows that the traffic added since the data was loaded, with and without their workspace.
async fn added(connection: &DatabaseConnection, table: &str) -> Result<[i64; 2], Box<dyn Error>> {
    let of = |is_bound: &str| {
        format!(
            "SELECT count(*) FROM {table} WHERE created_at > timestamptz '2026-01-01' AND workspace_id IS {is_bound}"
        )
    };
    Ok([number(connection, &of("NOT NULL")).await?, number(connection, &of("NULL")).await?])
}

#[tokio::test]
async fn the_traffic_works_on_every_table_in_both_codes() -> Outcome {
    let server = Server::start(&ServerOptions::default())?;
    let connection = loaded(&server, &Volume::of_rows(2000)).await?;
    let busy = TrafficOptions { statements_per_second: 1000, ..TrafficOptions::default() };
    let mut traffic = Traffic::start(&server.url("postgres"), "as always", &busy).await?;
    let owned: Vec<_> = legacy::TABLES.into_iter().filter(|table| *table != "audit_logs").collect();
    for table in &owned {
        let add = format!("ALTER TABLE {table} ADD COLUMN workspace_id bigint");
        connection.execute_unprepared(&add).await?;
    }
    traffic.deploy(Deployed::Both).await;
    let mut waiting = legacy::TABLES.to_vec();
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Some(table) = waiting.last() {
        let [bound, unbound] = added(&connection, table).await?;
        if bound > 0 && unbound > 0 {
            waiting.pop();
        }
        assert!(Instant::now() < deadline, "{waiting:?}");
    }
    // What the new code has said stays unsaid from here on.
    traffic.deploy(Deployed::Old).await;
    traffic.step("taken back");
    for table in owned {
        let drop = format!("ALTER TABLE {table} DROP COLUMN workspace_id");
        connection.execute_unprepared(&drop).await?;
    }
    traffic.hold(Duration::from_mins(1)).await;
    wait_for(&traffic, |summary| summary.steps[1].statements >= 200).await?;
    let held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tenantatlas' AND state = 'idle in transaction' \
                AND query LIKE 'INSERT INTO audit_logs%' AND state_change < now() - interval '50 ms'";
    assert!(number(&connection, held).await? >= 1);
    let summary = traffic.stop().await;
    assert!(summary.steps.iter().all(|step| step.errors == 0), "{summary:?}");
    Ok(())
}

async fn wait_for(traffic: &Traffic, is_met: impl Fn(&TrafficSummary) -> bool) -> Outcome {
    let met = async {
        while !is_met(&traffic.summary()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    Ok(tokio::time::timeout(Duration::from_secs(30), met).await?)
}
