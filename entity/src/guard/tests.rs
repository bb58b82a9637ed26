//! What the guard answers, without a database: the mock answers its questions and keeps a log of
//! them.

mod batch;
mod hooks;
mod insert;
mod keys;
mod update;

use std::collections::BTreeMap;

use sea_orm::{DatabaseConnection, DbBackend, DbErr, MockDatabase, Transaction, Value};

use super::GuardError;

type Row = BTreeMap<&'static str, Value>;

/// A tenant, as the guard looks it up.
fn tenant(key: impl Into<Value>, workspace: impl Into<Value>) -> Row {
    BTreeMap::from([("tenant", key.into()), ("tenant_workspace", workspace.into())])
}

/// A row about to be updated and its tenant, as the guard looks them up.
fn row_of(key: i64, row_workspace: Option<i64>, tenant_workspace: Option<i64>) -> Row {
    let mut row = tenant(key, tenant_workspace);
    row.insert("row_tenant", key.into());
    row.insert("row_workspace", row_workspace.into());
    row
}

/// A database whose first question is answered with these rows.
fn answering(rows: impl IntoIterator<Item = Row>) -> DatabaseConnection {
    MockDatabase::new(DbBackend::Postgres).append_query_results([rows]).into_connection()
}

/// A database that has no answers: any question is an error.
fn silent() -> DatabaseConnection {
    MockDatabase::new(DbBackend::Postgres).into_connection()
}

fn asked<const N: usize>(sql: &str, values: [Value; N]) -> Transaction {
    Transaction::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Why the guard refused.
fn refusal<T>(answer: Result<T, DbErr>) -> Option<GuardError> {
    answer.err().as_ref().and_then(GuardError::from_db_err).cloned()
}
