//! The binary `migration`: phases 1, 1.5 and 3.

use std::process::ExitCode;

fn main() -> ExitCode {
    isolation::cli::main(migration::cli::run)
}
