//! The session: connections to the database, with timeouts, TLS and a name of their own.
//!
//! Waiting for locks is in [`ddl`], what an error means in [`sqlstate`], the one lock that keeps
//! two rollouts apart in [`rollout_lock`], and what is no connection of our own in `pooler`.

pub mod blockers;
pub mod ddl;
mod pooler;
pub mod rollout_lock;
pub mod sqlstate;
mod url;

use std::sync::Arc;
use std::sync::atomic::AtomicI32;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Executor as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqlxPostgresConnector, Statement,
};

use crate::catalog::Catalog;
use crate::manifest::Manifest;
use crate::names::quoted;
use crate::scope::{Scope, ScopeError};
use ddl::{DdlError, LockPolicy};
use sqlstate::{Fault, Refusal};
pub use url::{DatabaseUrl, UrlError};

/// A connection that has nothing to say for a while is not given up: it may hold the rollout
/// lock, or wait for its turn. (`transaction_timeout` is new in PostgreSQL 17.)
const STAY: &str = "SET idle_session_timeout = 0; SELECT set_config('transaction_timeout', '0', false) \
     WHERE current_setting('server_version_num')::int >= 170000";

/// How long connecting may take before the server counts as unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections to one database.
#[derive(Debug, Clone)]
pub struct Session {
    url: DatabaseUrl,
    settings: SessionSettings,
    db: DatabaseConnection,
    pool: PgPool,
    /// The server process of the DDL statement that is running; 0 for none.
    running: Arc<AtomicI32>,
}

/// What a session's connections are called and how long they wait.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// Shown in `pg_stat_activity`; `workspace-isolation ` is put before it.
    pub application: &'static str,
    /// How long one statement may wait for one lock.
    pub lock_timeout: Duration,
    /// At most this many connections at a time.
    pub max_connections: u32,
}

/// What keeps a session from being opened or used.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No answer from the server.
    #[error("connect to {address}: {reason}")]
    Unreachable {
        /// Host and port, or socket.
        address: String,
        /// What the system said, or the server.
        reason: String,
        /// Why the server has no room for us just now, where it answered.
        refusal: Option<Refusal>,
    },
    /// The server answered, and refused.
    #[error("log in at {address}: {reason}")]
    Rejected {
        /// Host and port, or socket.
        address: String,
        /// What the server said.
        reason: String,
        /// What kind of refusal it is.
        refusal: Refusal,
    },
    /// What answers shares server connections between transactions.
    #[error(
        "get a connection of its own at {address}: a pooler there changes the server process with \
         every transaction (transaction mode), so that the rollout's lock, its timeouts and its \
         prepared statements would end up with somebody else"
    )]
    Pooled {
        /// Host and port, or socket.
        address: String,
    },
    /// A statement failed.
    #[error("query the database: {0}")]
    Sql(#[from] DbErr),
    /// What was to be read is locked.
    #[error(transparent)]
    Blocked(#[from] DdlError),
    /// The manifest does not fit the database.
    #[error(transparent)]
    Scope(#[from] ScopeError),
}

impl Session {
    /// Connects. Fails at once where the server cannot be reached or refuses, or where what answers
    /// is a pooler that shares connections; later, connections are made as they are needed.
    ///
    /// # Errors
    /// [`SessionError::Unreachable`], [`SessionError::Rejected`] or [`SessionError::Pooled`].
    pub async fn connect(
        url: &DatabaseUrl,
        settings: SessionSettings,
    ) -> Result<Self, SessionError> {
        refuse_shared(url, settings.application).await?;
        let setup = settings.setup();
        Ok(Self::lazily(url, settings, setup))
    }

    /// The same session with another search path, for one connection at a time.
    #[must_use]
    pub fn on_search_path(&self, schema: &str) -> Self {
        let setup = format!("{}; SET search_path = {}", self.settings.setup(), quoted(schema));
        Self::lazily(
            &self.url,
            SessionSettings { max_connections: 1, ..self.settings.clone() },
            setup,
        )
    }

    fn lazily(url: &DatabaseUrl, settings: SessionSettings, setup: String) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            .after_connect(move |connection, _| {
                let setup = setup.clone();
                Box::pin(
                    async move { connection.execute(sqlx::AssertSqlSafe(setup)).await.map(|_| ()) },
                )
            })
            .connect_lazy_with(connect_options(url, settings.application));
        Self {
            url: url.clone(),
            settings,
            db: SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            pool,
            running: Arc::default(),
        }
    }

    /// The connections, for statements.
    #[must_use]
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// The pool below, for what needs one and the same connection.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Where the session is connected to.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The session's settings.
    #[must_use]
    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    /// Reads the catalog of everything the manifest names. Where somebody has one of its tables
    /// locked altogether, that is waited for as a statement of ours waits, and said by name.
    ///
    /// # Errors
    /// [`SessionError::Blocked`] or [`SessionError::Sql`].
    pub async fn catalog(&self, manifest: &Manifest) -> Result<Catalog, SessionError> {
        self.read_catalog(self.brief(), &manifest.table_names()).await
    }

    /// Tried once more, for who only asks.
    fn brief(&self) -> LockPolicy {
        LockPolicy { lock_timeout: self.settings.lock_timeout, retries: 1 }
    }

    /// Reads the catalog and resolves the manifest against it.
    ///
    /// # Errors
    /// [`SessionError::Blocked`], [`SessionError::Sql`] or [`SessionError::Scope`].
    pub async fn resolve(&self, manifest: &Manifest) -> Result<(Catalog, Scope), SessionError> {
        self.resolve_within(self.brief(), manifest).await
    }

    /// The same, waiting for locks as this policy has it.
    ///
    /// # Errors
    /// [`SessionError::Blocked`], [`SessionError::Sql`] or [`SessionError::Scope`].
    pub async fn resolve_within(
        &self,
        policy: LockPolicy,
        manifest: &Manifest,
    ) -> Result<(Catalog, Scope), SessionError> {
        let catalog = self.read_catalog(policy, &manifest.table_names()).await?;
        let scope = Scope::resolve(manifest, &catalog)?;
        Ok((catalog, scope))
    }

    /// Closes the connections.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

impl SessionSettings {
    /// What every connection is told first. Names are quoted and literals plain in every
    /// statement of ours, whatever the server's defaults; nobody's statement timeout may cut a
    /// step in half, and a connection that hangs inside a transaction gives up its locks.
    fn setup(&self) -> String {
        format!(
            "SET lock_timeout = {}; SET statement_timeout = 0; \
             SET idle_in_transaction_session_timeout = '60s'; {STAY}; \
             SET standard_conforming_strings = on; SET quote_all_identifiers = off; \
             SET client_min_messages = warning",
            millis(self.lock_timeout)
        )
    }
}

/// A duration as PostgreSQL's timeouts take it: whole milliseconds, at least one (zero would
/// turn the timeout off).
#[must_use]
pub fn millis(duration: Duration) -> u128 {
    duration.as_millis().max(1)
}

/// A statement with its values.
#[must_use]
pub fn statement<I>(sql: impl Into<String>, values: I) -> Statement
where
    I: IntoIterator<Item = sea_orm::Value>,
{
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// The first column of the only row, such as a count.
///
/// # Errors
/// What the database answers; [`DbErr::RecordNotFound`] where there is no row.
pub async fn scalar<C, T>(db: &C, statement: Statement) -> Result<T, DbErr>
where
    C: ConnectionTrait,
    T: sea_orm::TryGetable,
{
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("a row".to_owned()))?.try_get_by_index(0)
}

fn connect_options(url: &DatabaseUrl, application: &str) -> PgConnectOptions {
    url.options()
        // The driver would ask for more digits at login than the server's default, which is exact
        // since PostgreSQL 12; a pooler that does not know the parameter refuses to log us in.
        .extra_float_digits(None)
        .application_name(&format!("workspace-isolation {application}"))
        .disable_statement_logging()
}

/// Opens one connection of its own, outside any pool.
pub(crate) async fn open(
    url: &DatabaseUrl,
    application: &str,
) -> Result<PgConnection, SessionError> {
    answered_in_time(url, async {
        let mut connection = connect_options(url, application).connect().await?;
        connection.execute(STAY).await?;
        Ok(connection)
    })
    .await
}

/// Makes sure that connections to this address are connections of their own.
async fn refuse_shared(url: &DatabaseUrl, application: &str) -> Result<(), SessionError> {
    let options = connect_options(url, application);
    let mut one = answered_in_time(url, options.connect()).await?;
    let mut other = answered_in_time(url, options.connect()).await?;
    let is_shared = answered_in_time(url, pooler::is_shared(&mut one, &mut other)).await?;
    // They are of no more use; a farewell that fails changes nothing.
    let _ = tokio::join!(one.close(), other.close());
    if is_shared { Err(SessionError::Pooled { address: url.address() }) } else { Ok(()) }
}

/// What comes of talking to the server, which must not take for ever.
async fn answered_in_time<T>(
    url: &DatabaseUrl,
    talk: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, SessionError> {
    // Boxed: connecting is a large future, and everything that connects would hold it twice.
    match tokio::time::timeout(CONNECT_TIMEOUT, Box::pin(talk)).await {
        Ok(outcome) => outcome.map_err(|error| refused(url.address(), &error)),
        Err(_) => Err(SessionError::Unreachable {
            address: url.address(),
            reason: format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
            refusal: None,
        }),
    }
}

fn refused(address: String, error: &sqlx::Error) -> SessionError {
    let Some(answer) = error.as_database_error() else {
        return SessionError::Unreachable { address, reason: error.to_string(), refusal: None };
    };
    let (code, reason) = (answer.code(), answer.message().to_owned());
    let refusal = Refusal::of_code(code.as_deref());
    // The server is there but not for us just now: starting up, shutting down, full.
    if Fault::of_code(code.as_deref()) == Fault::ConnectionLost {
        return SessionError::Unreachable { address, reason, refusal: Some(refusal) };
    }
    SessionError::Rejected { address, reason, refusal }
}
