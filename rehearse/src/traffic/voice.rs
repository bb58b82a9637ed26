//! How statements are sent: on which connection, and into whose record.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    Statement, TransactionTrait as _, Value,
};

use super::recorder::Recorder;
use super::statements::{COMMIT, Sentence};

/// Sends statements and records what they took.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) pool: DatabaseConnection,
    recorder: Arc<Recorder>,
}

impl Voice {
    pub(super) fn new(pool: DatabaseConnection, recorder: Arc<Recorder>) -> Self {
        Self { pool, recorder }
    }

    /// Sends a statement whose rows nobody needs.
    pub(super) async fn say<C: ConnectionTrait>(
        &self,
        connection: &C,
        sentence: &Sentence,
        values: Vec<Value>,
    ) -> Result<(), DbErr> {
        self.ask(connection, sentence, values).await.map(drop)
    }

    /// Sends an INSERT, and returns the new row's key.
    pub(super) async fn insert<C: ConnectionTrait>(
        &self,
        connection: &C,
        sentence: &Sentence,
        values: Vec<Value>,
    ) -> Result<i64, DbErr> {
        let rows = self.ask(connection, sentence, values).await?;
        let row = rows.first().ok_or_else(|| DbErr::RecordNotFound(sentence.name.clone()))?;
        row.try_get_by_index(0)
    }

    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.pool.begin().await
    }

    pub(super) async fn commit(&self, transaction: DatabaseTransaction) -> Result<(), DbErr> {
        let begun = self.recorder.begin();
        let committed = transaction.commit().await;
        self.recorder.end(begun, COMMIT, committed.as_ref().err().map(ToString::to_string));
        committed
    }

    async fn ask<C: ConnectionTrait>(
        &self,
        connection: &C,
        sentence: &Sentence,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, sentence.sql.as_str(), values);
        let begun = self.recorder.begin();
        let outcome = connection.query_all_raw(statement).await;
        let failure = outcome.as_ref().err().map(|error| format!("{}: {error}", sentence.name));
        self.recorder.end(begun, &sentence.name, failure);
        outcome
    }
}
