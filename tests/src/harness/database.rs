//! A database of one test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rehearse::server::{Server, ServerOptions};
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, Executor as _};

use super::server::{EMPTY, LEGACY, ROWS, create_legacy};
use super::{SqlError, Tool, block_on, server};

/// Copying a template wants it undisturbed, and copying the whole server (for a standby) wants no
/// database to come or go: one at a time.
static COPYING: Mutex<()> = Mutex::new(());

/// Keeps databases from being made or dropped for as long as the answer lives.
pub(super) fn copying() -> MutexGuard<'static, ()> {
    COPYING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a database is.
enum Home {
    /// On the tests' server.
    Tests,
    /// On a server of its own.
    Own(Box<Server>),
    /// On a server that somebody else has started.
    Elsewhere,
}

/// A database of one test, dropped at its end unless the test failed.
pub(crate) struct Database {
    name: String,
    url: String,
    pool: PgPool,
    home: Home,
}

/// A database to be copied.
pub(crate) struct Template {
    name: String,
}

impl Database {
    /// The pre-rollout schema with data.
    pub(crate) fn legacy() -> Self {
        Self::copy_of(LEGACY)
    }

    /// The pre-rollout schema without a row.
    pub(crate) fn empty() -> Self {
        Self::copy_of(EMPTY)
    }

    fn copy_of(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let source = server();
        let guard = copying();
        block_on(source.create_database(&name, Some(template))).expect("a copy");
        drop(guard);
        Self::open(source.url(&name), &name, Home::Tests)
    }

    /// A database of another server than the tests' own. It goes when that server does.
    pub(crate) fn elsewhere(server: &Server, name: &str) -> Self {
        Self::open(server.url(name), name, Home::Elsewhere)
    }

    /// The pre-rollout schema with data, on a server of its own with these settings.
    pub(crate) fn apart(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let options = ServerOptions { settings: settings.collect(), ..ServerOptions::default() };
        let own = Server::start(&options).expect("a PostgreSQL server");
        block_on(create_legacy(&own, LEGACY, ROWS));
        Self::open(own.url(LEGACY), LEGACY, Home::Own(Box::new(own)))
    }

    fn open(url: String, name: &str, home: Home) -> Self {
        let pool = pool(&url);
        Self { name: name.to_owned(), url, pool, home }
    }

    /// Restarts the server of its own.
    pub(crate) fn restart(&mut self) {
        let Home::Own(server) = &mut self.home else { panic!("a server of its own") };
        server.restart().expect("it comes up again");
    }

    /// The server it is on: the tests' own, or one of its own.
    pub(crate) fn server(&self) -> &Server {
        match &self.home {
            Home::Tests => server(),
            Home::Own(server) => server,
            Home::Elsewhere => panic!("whoever started its server knows it"),
        }
    }

    /// Makes it a template, which stays as it is for as long as the server does.
    pub(crate) fn into_template(self) -> Template {
        block_on(self.pool.close());
        let name = self.name.clone();
        // Its end would drop the database.
        std::mem::forget(self);
        Template { name }
    }

    /// Its name on the server.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, password and all.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// A tool of the rollout, pointed at this database.
    pub(crate) fn tool(&self, name: &str) -> Tool {
        Tool::new(name).env("DATABASE_URL", &self.url())
    }

    /// `migration …`, with words split at spaces.
    pub(crate) fn migration(&self, words: &str) -> super::Answer {
        self.tool("migration").words(words).run()
    }

    /// `backfill …`
    pub(crate) fn backfill(&self, words: &str) -> super::Answer {
        self.tool("backfill").words(words).run()
    }

    /// `validate …`
    pub(crate) fn validate(&self, words: &str) -> super::Answer {
        self.tool("validate").words(words).run()
    }

    /// Runs SQL, which must succeed.
    #[track_caller]
    pub(crate) fn execute(&self, sql: &str) {
        self.try_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs SQL.
    pub(crate) fn try_execute(&self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        block_on(async { self.pool.execute(sql).await.map(|_| ()) })
    }

    /// Runs SQL, which must be refused.
    #[track_caller]
    pub(crate) fn refused(&self, sql: &str) -> SqlError {
        SqlError::of(sql, self.try_execute(sql))
    }

    /// The only value of the only row, as text; `NULL` for a NULL.
    #[track_caller]
    pub(crate) fn text(&self, sql: &str) -> String {
        let rows = self.texts(sql);
        assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
        rows.into_iter().next().expect("a row")
    }

    /// The first column of every row, as text.
    #[track_caller]
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        // json keeps the order of the columns, and json_each_text makes text of any type.
        let wrapped = format!(
            "SELECT (SELECT coalesce(value, 'NULL') FROM json_each_text(row_to_json(q)) LIMIT 1) FROM ({sql}) AS q"
        );
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(wrapped));
        let rows: Result<Vec<String>, _> = block_on(async { query.fetch_all(&self.pool).await });
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The only value of the only row, as a number.
    #[track_caller]
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.text(sql).parse().unwrap_or_else(|_| panic!("{sql}: no number"))
    }

    /// Everything the catalog says about the application's schemas and ours, for comparison.
    pub(crate) fn catalog(&self) -> String {
        self.texts(include_str!("catalog.sql")).join("\n")
    }

    /// How many rows are still unbound, over every tenant-owned table.
    pub(crate) fn unbound(&self) -> i64 {
        rehearse::legacy::TABLES
            .iter()
            .filter(|table| **table != "audit_logs")
            .map(|table| {
                self.number(&format!("SELECT count(*) FROM {table} WHERE workspace_id IS NULL"))
            })
            .sum()
    }
}

fn pool(url: &str) -> PgPool {
    block_on(async { PgPoolOptions::new().max_connections(8).connect_lazy(url).expect("a pool") })
}

impl Template {
    /// A copy of it.
    pub(crate) fn copy(&self) -> Database {
        Database::copy_of(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Where to look, for as long as the server is there.
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("kept: {}\n", self.url()).as_bytes(),
            );
            return;
        }
        if !matches!(self.home, Home::Tests) {
            // It goes with its server.
            block_on(self.pool.close());
            return;
        }
        let _guard = copying();
        block_on(async {
            self.pool.close().await;
            let _ = server().drop_database(&self.name).await;
        });
    }
}
