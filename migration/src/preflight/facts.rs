//! Facts: one document read by one statement, as the catalog is.

use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
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
    read_about(db, sql, &oids).await
}

/// What this statement answers; `$1` is this document.
///
/// # Errors
/// As [`read`].
pub(super) async fn read_about<C, T>(db: &C, sql: &str, about: &impl Serialize) -> Result<T, DbErr>
where
    C: ConnectionTrait,
    T: DeserializeOwned,
{
    let about = serde_json::to_string(about).map_err(|error| DbErr::Json(error.to_string()))?;
    let text: String = scalar(db, statement(sql, [about.into()])).await?;
    serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
}
