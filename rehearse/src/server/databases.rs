//! Databases of a throwaway server.

use std::time::Duration;

use isolation::names::quoted;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};

use super::{Server, ServerError};

impl Server {
    /// Creates a database, empty or as a copy of another one that nobody is connected to.
    ///
    /// # Errors
    ///
    /// It exists already, somebody uses the template, or the server is down.
    pub async fn create_database(
        &self,
        name: &str,
        template: Option<&str>,
    ) -> Result<(), ServerError> {
        let template =
            template.map(|template| format!(" TEMPLATE {}", quoted(template))).unwrap_or_default();
        let sql = format!("CREATE DATABASE {}{template}", quoted(name));
        self.administer(&sql, &format!("create the database {name}")).await
    }

    /// Drops a database with all its sessions; one that does not exist is as good as dropped.
    ///
    /// # Errors
    ///
    /// The server is down, or the database is somebody's template.
    pub async fn drop_database(&self, name: &str) -> Result<(), ServerError> {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name));
        self.administer(&sql, &format!("drop the database {name}")).await
    }

    async fn administer(&self, sql: &str, doing: &str) -> Result<(), ServerError> {
        let connection = self.single_connection().await?;
        let outcome = connection.execute_unprepared(sql).await;
        connection.close().await.map_err(ServerError::sql("close a connection"))?;
        outcome.map(drop).map_err(ServerError::sql(doing))
    }

    /// One session of the superuser, not in any database of the caller's.
    pub(super) async fn single_connection(&self) -> Result<DatabaseConnection, ServerError> {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
        Database::connect(options)
            .await
            .map_err(ServerError::sql("connect to the throwaway server"))
    }
}
