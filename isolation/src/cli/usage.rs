//! Command lines that cannot be read: what clap says, and the next thing to type.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Command, CommandFactory};

use super::{Exit, print};

/// The binaries of the toolkit.
const BINARIES: [&str; 4] = ["migration", "backfill", "validate", "rehearse"];

/// Answers a command line that asks for help, or that is none.
pub(super) fn answer<A: CommandFactory>(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let printed = print(&text).map(|()| Exit::Done);
        return printed.unwrap_or_else(|failure| failure.report()).into();
    }
    let text = text.replace("For more information, try '--help'.\n", "");
    let next = next(error, &A::command(), std::env::args_os());
    // With stderr gone there is nobody left to tell.
    let _ = write!(std::io::stderr().lock(), "{}\nnext: {next}\n", text.trim_end());
    Exit::CannotAsk.into()
}

/// The next command: the one that a message of ours names, or the help of what was typed.
fn next(error: &clap::Error, command: &Command, typed: impl Iterator<Item = OsString>) -> String {
    // Behind a value that is refused stands our own reason. What clap writes around it repeats
    // the value, and so may the reason: what stands in backticks there can be anything.
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    match reason.split('`').nth(1) {
        Some(named) if is_ours(named) => named.to_owned(),
        Some(_) | None => format!("{} --help", typed_command(command, typed)),
    }
}

fn is_ours(command: &str) -> bool {
    command.split(' ').next().is_some_and(|name| BINARIES.contains(&name))
}

/// The binary with the subcommand that was typed, where one was.
fn typed_command(command: &Command, typed: impl Iterator<Item = OsString>) -> String {
    let name = command.get_name();
    let mut words = typed.skip(1);
    match words.find_map(|word| command.find_subcommand(&word)) {
        Some(subcommand) => format!("{name} {}", subcommand.get_name()),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn phase(text: &str) -> Result<u8, String> {
        match text {
            "1" => Ok(1),
            "2" => Err("phase 2 is the backfill: type `backfill run`".to_owned()),
            _ => Err(format!("no phase `{text}`")),
        }
    }

    #[derive(Debug, Parser)]
    #[command(name = "migration")]
    enum Typed {
        Up {
            #[arg(long, value_parser = phase)]
            phase: u8,
        },
        Status,
    }

    fn next_of(line: &[&str]) -> String {
        match Typed::try_parse_from(line) {
            Ok(typed) => format!("{typed:?}"),
            Err(error) => next(&error, &Typed::command(), line.iter().map(OsString::from)),
        }
    }

    #[test]
    fn the_next_command_is_one_of_ours() {
        for (line, expected) in [
            (&["migration", "up", "--phase", "2"][..], "backfill run"),
            (&["migration", "up", "--phase", "`rm x`"], "migration up --help"),
            (&["migration", "up", "--phase", "rm x"], "migration up --help"),
            (&["migration", "up", "--phase", "`migrationx`"], "migration up --help"),
            (&["migration", "up", "--phase"], "migration up --help"),
            (&["migration", "up"], "migration up --help"),
            (&["migration", "status", "--soon"], "migration status --help"),
            (&["migration", "`migration down`"], "migration --help"),
            (&["migration"], "migration --help"),
        ] {
            assert_eq!(next_of(line), expected, "{line:?}");
        }
    }
}
