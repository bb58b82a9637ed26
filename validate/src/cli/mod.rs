//! The command line of `validate`. One command, one file; only here are clap, stdout and exit
//! statuses known.

mod explain;
mod failure;
mod formats;
mod list;
mod run;
mod summary;

use clap::{Parser, Subcommand};
use isolation::catalog::Catalog;
use isolation::cli::{Arguments, CommonOptions, DatabaseOptions, Exit, Failure};
use isolation::scope::Scope;
use isolation::session::{Session, SessionError};

use crate::check::{Check, registry};
use crate::gate::ValidateError;

/// The gate: is every row provably bound to the workspace of its tenant?
///
/// Reads one snapshot and writes nothing. Exit status: 0 pass, 1 fail, 2 could not look.
#[derive(Debug, Parser)]
#[command(name = "validate", version)]
pub struct Cli {
    #[command(flatten)]
    common: CommonOptions,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(flatten)]
    run: run::Run,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::List),
    Explain(explain::Explain),
}

impl Arguments for Cli {
    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// Runs the command.
///
/// # Errors
/// A [`Failure`] where it could not look.
pub async fn run(cli: Cli) -> Result<Exit, Failure> {
    match &cli.command {
        None => cli.run.run(&cli.database).await,
        Some(_) if cli.run.is_given() => Err(Failure::cannot_ask(
            "--phase, --format, --output and --only of the gate have no meaning before a subcommand",
            "put the options of a subcommand behind it: validate list --format json",
        )),
        Some(Command::List(list)) => list.run(&cli.database).await,
        Some(Command::Explain(explain)) => explain.run(&cli.database).await,
    }
}

/// What a command works on: the database, and the manifest held against it.
struct Subject {
    session: Session,
    catalog: Catalog,
    scope: Scope,
}

async fn resolve(database: &DatabaseOptions) -> Result<Subject, Failure> {
    let manifest = database.manifest()?;
    let session = database.session("validate", 2).await?;
    match session.resolve(&manifest).await {
        Ok((catalog, scope)) => Ok(Subject { session, catalog, scope }),
        // SELECT is enough here, and what to do differs from what a migration needs.
        Err(SessionError::Sql(error)) => Err(ValidateError::Catalog(error).into()),
        Err(error) => Err(failure::unseen(error)),
    }
}

/// The checks of the live catalog.
async fn checks(database: &DatabaseOptions) -> Result<Vec<Check>, Failure> {
    let Subject { session, scope, .. } = resolve(database).await?;
    session.close().await;
    Ok(registry(&scope))
}

#[cfg(test)]
mod tests;
