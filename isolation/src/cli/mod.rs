//! What the binaries have in common: options, exit statuses, messages, logging. Only this room
//! and each crate's `cli` know clap, stdout and exit statuses.

mod failure;
mod options;
mod stderr;
mod usage;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;

pub use failure::{Exit, Failure};
pub use options::{CommonOptions, DatabaseOptions, Format, duration, period};

/// A binary's arguments: they carry the common options.
pub trait Arguments: Parser {
    /// The common options among them.
    fn common(&self) -> &CommonOptions;

    /// What is said on stderr without `-v` and `-q`, as a filter of tracing.
    #[must_use]
    fn filter() -> &'static str {
        "warn,isolation=info,migration=info,backfill=info,validate=info"
    }
}

/// Runs a binary: parses its arguments, starts logging and the runtime, and turns the outcome
/// into an exit status. Usage errors end with status 2, as clap has it.
pub fn main<A, F>(run: impl FnOnce(A) -> F) -> ExitCode
where
    A: Arguments,
    F: Future<Output = Result<Exit, Failure>>,
{
    let arguments = match A::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::answer::<A>(&error),
    };
    arguments.common().start_logging(A::filter());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(Failure::cannot_ask(
            format!("failed to start: {error}"),
            "try again; the system refused threads or timers".to_owned(),
        )),
    };
    outcome.unwrap_or_else(|failure| failure.report()).into()
}

/// Comes back when the process is asked to stop: SIGINT (Ctrl-C) or SIGTERM.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            // Where a signal cannot be listened for, the system's own way of ending us stands.
            Err(_) => std::future::pending().await,
        }
    };
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        _ = terminated => {}
        () = interrupted => {}
    }
}

/// Writes a result to stdout. A reader that has gone away (`| head`) is no error; anything else
/// is one: a script that was cut short on a full disk must not pass for the whole of it.
///
/// # Errors
/// A [`Failure`] where stdout cannot be written.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { stdout.write_all(b"\n") })
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::cannot_ask(
            format!("failed to write the result: {error}"),
            "make room, or send it elsewhere, and run the same command again",
        )),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a document to stdout as indented JSON.
///
/// # Errors
/// A [`Failure`] for a value that has no JSON form, or where stdout cannot be written.
pub fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::cannot_ask(
            format!("failed to write JSON: {error}"),
            "use --format text".to_owned(),
        )
    })?;
    print(&text)
}
