//! The binary `backfill`: phase 2.

use std::process::ExitCode;

fn main() -> ExitCode {
    isolation::cli::main(backfill::cli::run)
}
