//! Poolers that share server connections between transactions: PgBouncer, pgcat, Supavisor and
//! the like, in transaction or statement mode.
//!
//! Behind one, what is set or held on a connection belongs to nobody: the rollout lock would be
//! some stranger's, a lock timeout would cut the application's statements short, and a prepared
//! statement would be missing at its next use. So no command works there, and every command looks
//! before it says anything else: nothing is set until it is known whose connection it is.
//!
//! A pooler in session mode gives each client a server connection of its own, as the server
//! itself does, and is never taken for one that shares.

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Executor as _, Row as _};

/// Which server process answers. Process ids of two servers behind one address may be the same;
/// together with the second their servers were started they are not.
const WHO: &str = "SELECT concat_ws(' since ', pg_backend_pid(), pg_postmaster_start_time())";

/// Whether these two connections, open at the same time and outside any transaction, share server
/// processes: with each other, or with anybody else.
///
/// A connection of one's own has one server process from beginning to end, and nobody else has
/// it. A shared one has a server process for a transaction: an idle one that is given out again at
/// once (the same for both of ours), or another than before while the first is taken. Which of the
/// two depends on how the pooler chooses and on how busy it is, so both are looked for. In
/// statement mode there is no transaction at all, and to ask for one is refused.
///
/// Asks by the simple protocol only, since a prepared statement would stay behind on a shared
/// connection, and sets nothing.
///
/// # Errors
/// What the database answers.
pub(super) async fn is_shared(
    one: &mut PgConnection,
    other: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let first = who(one).await?;
    let second = who(other).await?;
    if first == second {
        return Ok(true);
    }
    if let Err(error) = other.execute("BEGIN").await {
        return if is_refusal(&error) { Ok(true) } else { Err(error) };
    }
    let is_another = who(other).await? != second;
    // With `other` in a transaction of another process the first may wait for its turn for ever.
    let has_moved = is_another || who(one).await? != first;
    other.execute("ROLLBACK").await?;
    Ok(has_moved || who(other).await? != second || who(one).await? != first)
}

/// Whether this is what a pooler in statement mode says to BEGIN: that it breaks the protocol
/// (08P01; `PgBouncer`: "transaction blocks not allowed in statement pooling mode"). A server
/// never says so to a BEGIN.
fn is_refusal(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|answer| answer.code().as_deref() == Some("08P01"))
}

async fn who(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::raw_sql(WHO).fetch_one(connection).await?.try_get(0)
}
