//! Facts: one document read by one statement, as the catalog is.

use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, DbErr};
use serde::de::DeserializeOwned;

use super::due::Due;

/// What this statement answers; `$1` are the identifiers of the tables due.
///
/// # Errors
/// What the database answers; a document of an unknown shape is [`DbErr::Json`].
pub(super) async fn read<C, T>(db: &C, sql: &str, due: &Due) -> Result<T, DbErr>
where
    C: ConnectionTrait,
    T: DeserializeOwned,
{
    let oids: Vec<_> = due.tables.iter().map(|table| table.oid).collect();
    read_of(db, sql, &oids).await
}

/// What this statement answers; `$1` are these identifiers.
///
/// # Errors
/// As [`read`].
pub(super) async fn read_of<C, T>(db: &C, sql: &str, oids: &[u32]) -> Result<T, DbErr>
where
    C: ConnectionTrait,
    T: DeserializeOwned,
{
    let oids = serde_json::json!(oids).to_string();
    let text: String = scalar(db, statement(sql, [oids.into()])).await?;
    serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
}
