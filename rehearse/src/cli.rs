//! The command line of `rehearse`.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use clap::Parser;
use isolation::cli::{
    Arguments, CommonOptions, Exit, Failure, Format, duration, interrupted, print, print_json,
};
use isolation::session::ddl::LockPolicy;

use crate::legacy::{SMALLEST, Volume};
use crate::report;
use crate::rollout::{DATABASE, Findings, Rehearsal, RehearsalError, rehearse};
use crate::server::{Server, ServerError, ServerOptions};
use crate::traffic::TrafficOptions;

/// The whole rollout on a throwaway PostgreSQL: with data, with traffic, with the real code
///
/// Needs no `DATABASE_URL` and ignores it. Exit status: 0 every row is provably bound and no request
/// of the application failed; 1 they are not; 2 the rehearsal could not be held; 75 interrupted.
#[derive(Debug, Parser)]
#[command(name = "rehearse", version)]
pub struct Cli {
    #[command(flatten)]
    common: CommonOptions,
    /// Rows in all, spread over the 13 tables
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(SMALLEST..))]
    rows: u64,
    /// Writes the findings to this file as well, as HTML
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Leaves the server running at the end, and says how to reach it
    #[arg(long)]
    keep: bool,
    /// How long one try of a statement may wait for its lock
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    lock_timeout: Duration,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Arguments for Cli {
    fn common(&self) -> &CommonOptions {
        &self.common
    }

    /// The steps are announced here; what each does is for `-v`.
    fn filter() -> &'static str {
        "warn,rehearse=info"
    }
}

/// Runs the command line.
///
/// # Errors
/// A [`Failure`] with exit status, message and the next thing to do.
pub async fn run(cli: Cli) -> Result<Exit, Failure> {
    if let Some(path) = &cli.report {
        // Whether it can be written is known before an hour's work, not after it.
        write(path, "")?;
    }
    let mut interrupted = pin!(interrupted());
    let server = tokio::select! {
        // Starting blocks. Whoever interrupts it waits for the server to come up and go again.
        started = tokio::task::spawn_blocking(|| Server::start(&ServerOptions::default())) => started,
        () = &mut interrupted => return Err(stopped(false)),
    };
    let server = match server {
        Ok(Ok(server)) => server,
        Ok(Err(error)) => return Err(not_started(&error.to_string())),
        Err(error) => return Err(not_started(&error.to_string())),
    };
    let rehearsal = Rehearsal {
        volume: Volume::of_rows(cli.rows),
        traffic: TrafficOptions::default(),
        policy: LockPolicy { lock_timeout: cli.lock_timeout, retries: 30 },
    };
    let announce = |step: &str| tracing::info!("{step}");
    let outcome = tokio::select! {
        outcome = rehearse(&server, &rehearsal, announce) => outcome.map_err(|error| failure(&error)),
        () = &mut interrupted => Err(stopped(cli.keep)),
    };
    let shown = outcome.and_then(|findings| show(&cli, &findings));
    if cli.keep {
        keep(server)?;
    }
    shown
}

fn stopped(is_kept: bool) -> Failure {
    let message = if is_kept {
        "interrupted; the server goes on, as it was told to"
    } else {
        "interrupted; the server and its data are gone"
    };
    Failure::stopped(message, "the same command begins anew")
}

fn not_started(error: &str) -> Failure {
    Failure::cannot_ask(format!("failed to start a server: {error}"), "make rehearse")
}

fn show(cli: &Cli, findings: &Findings) -> Result<Exit, Failure> {
    match cli.format {
        Format::Text => print(&report::text::render(findings))?,
        Format::Json => print_json(findings)?,
    }
    if let Some(path) = &cli.report {
        write(path, &report::html::render(findings))?;
    }
    Ok(if findings.are_good() { Exit::Done } else { Exit::No })
}

fn write(path: &Path, page: &str) -> Result<(), Failure> {
    std::fs::write(path, page).map_err(|error| {
        Failure::cannot_ask(
            format!("failed to write {}: {error}", path.display()),
            "name a file in a folder you may write to with --report",
        )
    })
}

fn keep(server: Server) -> Result<(), Failure> {
    // Through the socket no password is needed: the directory is private.
    let url = format!(
        "postgres://postgres@localhost/{DATABASE}?host={}&port={}",
        server.socket_dir().display(),
        server.port()
    );
    let failed = |error: ServerError| {
        Failure::cannot_ask(format!("failed to keep the server: {error}"), "run without --keep")
    };
    let directory = server.keep().map_err(failed)?;
    tracing::warn!(
        "the server goes on: DATABASE_URL={url}; everything it has is in {}",
        directory.display()
    );
    Ok(())
}

fn failure(error: &RehearsalError) -> Failure {
    let message = format!("failed to {error}");
    let is_refusal = matches!(
        error,
        RehearsalError::Migration(_) | RehearsalError::Backfill(_) | RehearsalError::Unfinished(_)
    );
    if is_refusal {
        Failure::no(message, "rehearse --keep -v, and look at what it left")
    } else {
        Failure::cannot_ask(message, "rehearse -v")
    }
}
