//! The one server of this test binary, and its template databases.

use std::sync::OnceLock;

use rehearse::legacy::{self, Volume};
use rehearse::server::{Server, ServerOptions};
use tokio::runtime::Runtime;

use super::database::copying;
use super::session::{Session, until};

/// Rows of the template with data.
pub(crate) const ROWS: u64 = 3_000;
/// The pre-rollout schema with data.
pub(crate) const LEGACY: &str = "template_legacy";
/// The pre-rollout schema, without a row.
pub(crate) const EMPTY: &str = "template_empty";

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

/// Runs a future on the tests' runtime.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}

/// The server. It ends with this process, however that ends.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let server = Server::start(&ServerOptions::default()).expect("a PostgreSQL server");
        block_on(async {
            create_legacy(&server, EMPTY, 0).await;
            create_legacy(&server, LEGACY, ROWS).await;
        });
        server
    })
}

/// A database of this server with the pre-rollout schema and so many rows, which nobody is
/// connected to: fit to be a template.
pub(crate) async fn create_legacy(server: &Server, name: &str, rows: u64) {
    server.create_database(name, None).await.expect("a database");
    let db = sea_orm::Database::connect(server.url(name)).await.expect("connect");
    legacy::create_schema(&db).await.expect("the schema");
    if rows > 0 {
        legacy::load(&db, &Volume::of_rows(rows)).await.expect("data");
    }
    db.close().await.expect("close");
}

/// A hot standby of the server.
fn standby() -> &'static Server {
    static STANDBY: OnceLock<Server> = OnceLock::new();
    STANDBY.get_or_init(|| {
        let primary = server();
        let _guard = copying();
        block_on(primary.standby()).expect("a standby")
    })
}

/// The URL of a database on a hot standby, which has everything that was committed before.
pub(super) fn standby_url(database: &str) -> String {
    let mut primary = Session::open(&server().url("postgres"), "the test");
    let mut standby = Session::open(&self::standby().url("postgres"), "the test");
    let written = primary.text("SELECT pg_current_wal_lsn()::text");
    until("the standby has caught up", || {
        standby.text(&format!("SELECT (pg_last_wal_replay_lsn() >= '{written}')::text")) == "true"
    });
    self::standby().url(database)
}
