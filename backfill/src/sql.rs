//! What statements are put together from: numbered values, and the settings every transaction
//! of ours starts with.

use isolation::session::{Session, scalar, statement};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, IsolationLevel, TransactionTrait, Value,
};

use crate::error::BackfillError;
use crate::stop::Stop;

/// The values of a statement, in the order of their placeholders.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<Value>);

impl Values {
    /// Adds a value and returns its placeholder, `$1` for the first.
    pub(crate) fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
}

impl IntoIterator for Values {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A list as one JSON value: one statement for any number of rows.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<Value, DbErr> {
    match serde_json::to_value(value) {
        Ok(value) => Ok(value.into()),
        Err(error) => Err(DbErr::Json(error.to_string())),
    }
}

/// Begins a transaction that sees all rows or fails: with `row_security = off` a row-level
/// security policy that would hide rows is an error, never a silent gap in what is bound.
/// Timestamps without a time zone (Laravel's) are written in UTC.
///
/// Returns the transaction and its server process.
pub(crate) async fn begin(
    session: &Session,
    isolation: IsolationLevel,
) -> Result<(DatabaseTransaction, i32), DbErr> {
    let transaction = session.db().begin_with_config(Some(isolation), None).await?;
    transaction
        .execute_unprepared("SET LOCAL row_security = off; SET LOCAL TimeZone = 'UTC'")
        .await?;
    let pid = scalar(&transaction, statement("SELECT pg_backend_pid()", [])).await?;
    Ok((transaction, pid))
}

/// Waits for a long look at the database that a stop may cut short. The server would finish it
/// long after we are gone, so it is told.
pub(crate) async fn interruptible<T>(
    session: &Session,
    pid: i32,
    stop: &Stop,
    looking: impl Future<Output = Result<T, BackfillError>>,
) -> Result<T, BackfillError> {
    tokio::pin!(looking);
    tokio::select! {
        outcome = &mut looking => return outcome,
        () = stop.requested() => {}
    }
    let cancel = statement("SELECT pg_cancel_backend($1)", [pid.into()]);
    // Where it cannot be told, it ends by itself; either way nothing is written.
    let _ = session.db().execute_raw(cancel).await;
    let _ = looking.await;
    Err(BackfillError::Stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_from_one() {
        let mut values = Values::default();
        assert_eq!((values.add(7_i64), values.add("x")), ("$1".to_owned(), "$2".to_owned()));
        assert_eq!(values.into_iter().count(), 2);
    }
}
