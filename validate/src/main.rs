//! The binary `validate`.

use std::process::ExitCode;

fn main() -> ExitCode {
    isolation::cli::main(validate::cli::run)
}
