//! Command lines that cannot be read: what clap says, and the next thing to type.

use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::{Exit, print};

/// Answers a command line that asks for help, or that is none.
pub(super) fn answer<A: CommandFactory>(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let printed = print(&text).map(|()| Exit::Done);
        return printed.unwrap_or_else(|failure| failure.report()).into();
    }
    let name = A::command().get_name().to_owned();
    let text = text.replace("For more information, try '--help'.\n", "");
    // A message of ours may name the command itself: `backfill run`.
    let next = match text.split('`').nth(1) {
        Some(command) if error.kind() == ErrorKind::ValueValidation => command.to_owned(),
        _ => format!("{name} --help"),
    };
    // With stderr gone there is nobody left to tell.
    let _ = write!(std::io::stderr().lock(), "{}\nnext: {next}\n", text.trim_end());
    Exit::CannotAsk.into()
}
