//! One instant of the database, to be asked about.
//!
//! REPEATABLE READ, READ ONLY: every answer is about the same rows, nothing can be written, and
//! it works on a standby. Each table read stays locked with ACCESS SHARE to the end, which holds
//! off only what would change the table itself.

use isolation::session::{Session, statement};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbErr, IsolationLevel, TransactionTrait,
};

/// A transaction whose snapshot does not move.
pub(crate) struct Snapshot {
    transaction: DatabaseTransaction,
}

impl Snapshot {
    /// Takes the snapshot.
    pub(crate) async fn open(session: &Session) -> Result<Self, DbErr> {
        let transaction = session
            .db()
            .begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
            .await?;
        // Where a policy would hide rows from this role, an error is right and a count is not.
        transaction.execute_unprepared("SET LOCAL row_security = off").await?;
        Ok(Self { transaction })
    }

    /// The counts of the only row, one for each column.
    pub(crate) async fn counts(&self, sql: &str, columns: usize) -> Result<Vec<u64>, DbErr> {
        let row = self.transaction.query_one_raw(statement(sql, [])).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the counts".to_owned()))?;
        (0..columns)
            .map(|column| row.try_get_by_index::<i64>(column).map(i64::unsigned_abs))
            .collect()
    }

    /// The only column of every row.
    pub(crate) async fn texts(&self, sql: &str) -> Result<Vec<String>, DbErr> {
        let rows = self.transaction.query_all_raw(statement(sql, [])).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Lets the snapshot go, and with it the locks.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        self.transaction.commit().await
    }
}
