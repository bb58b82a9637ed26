//! The binary `rehearse`: the whole rollout on a throwaway PostgreSQL.

use std::process::ExitCode;

fn main() -> ExitCode {
    isolation::cli::main(rehearse::cli::run)
}
