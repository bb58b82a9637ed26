//! Other sessions of a database, and what the server answers them.

use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgDatabaseError};
use sea_orm::sqlx::{self, ConnectOptions as _, Executor as _, Row as _};

use super::{Database, block_on};

/// How long something that must happen may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// One session, with a transaction of its own if it opens one.
pub(crate) struct Session {
    connection: PgConnection,
}

/// Why the server refused a statement.
#[derive(Debug)]
pub(crate) struct SqlError {
    /// SQLSTATE.
    pub(crate) code: String,
    /// The message.
    pub(crate) message: String,
    /// The table it is about; empty where the server names none.
    pub(crate) table: String,
    /// The column it is about.
    pub(crate) column: String,
}

impl Session {
    /// Opens a session of this URL under this name.
    pub(crate) fn open(url: &str, application: &str) -> Self {
        let options: PgConnectOptions = url.parse().expect("a URL");
        // A pooler knows no such parameter.
        let options = options.application_name(application).extra_float_digits(None);
        Self { connection: block_on(options.connect()).expect("connect") }
    }

    /// Runs SQL, which must succeed.
    #[track_caller]
    pub(crate) fn execute(&mut self, sql: &str) {
        self.try_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs SQL, which must be refused.
    #[track_caller]
    pub(crate) fn refused(&mut self, sql: &str) -> SqlError {
        SqlError::of(sql, self.try_execute(sql))
    }

    /// Runs SQL.
    pub(crate) fn try_execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        block_on(async { self.connection.execute(sql).await.map(|_| ()) })
    }

    /// The only value of the only row, which is text.
    #[track_caller]
    pub(crate) fn text(&mut self, sql: &str) -> String {
        let query = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        let row = block_on(async { query.fetch_one(&mut self.connection).await });
        row.and_then(|row| row.try_get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The server process behind it.
    pub(crate) fn pid(&mut self) -> String {
        self.text("SELECT pg_backend_pid()::text")
    }
}

impl SqlError {
    /// The refusal in an outcome that must be one.
    #[track_caller]
    pub(crate) fn of(sql: &str, outcome: Result<(), sqlx::Error>) -> Self {
        let Err(error) = outcome else { panic!("not refused: {sql}") };
        let answer = error.as_database_error().unwrap_or_else(|| panic!("{sql}: {error}"));
        let answer = answer.downcast_ref::<PgDatabaseError>();
        Self {
            code: answer.code().to_owned(),
            message: answer.message().to_owned(),
            table: answer.table().unwrap_or_default().to_owned(),
            column: answer.column().unwrap_or_default().to_owned(),
        }
    }
}

impl Database {
    /// A session of this database under this name.
    pub(crate) fn session(&self, application: &str) -> Session {
        Session::open(&self.url(), application)
    }
}

/// Waits until something has happened that must.
#[track_caller]
pub(crate) fn until(what: &str, mut has_happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !has_happened() {
        assert!(Instant::now() < deadline, "did not happen in time: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
