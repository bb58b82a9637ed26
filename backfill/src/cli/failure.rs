//! What a refusal or an error comes to: an exit status and the next command.

use isolation::cli::Failure;

use crate::error::BackfillError;
use crate::state::Request;

impl From<BackfillError> for Failure {
    fn from(error: BackfillError) -> Self {
        let message = error.to_string();
        let failed = format!("failed to {message}");
        match error {
            BackfillError::Session(error) => error.into(),
            BackfillError::Lock(error) => error.into(),
            BackfillError::Sql { fault, .. } => Self::of_fault(fault, failed),
            BackfillError::Standby => {
                Self::cannot_ask(failed, "connect to the primary: this server takes no writes")
            }
            BackfillError::PhasePending { .. } => Self::no(message, "migration up --phase 1"),
            BackfillError::UnknownTables { .. } => Self::cannot_ask(
                message,
                "name one of the known tables with --table, or leave it out for all of them",
            ),
            BackfillError::UnknownWorkspaces { .. } => {
                Self::cannot_ask(message, "name existing workspaces with --workspace")
            }
            BackfillError::ResumeFrom { .. } => Self::cannot_ask(
                failed,
                "leave --resume-from out, or name with --table the tables whose key it is",
            ),
            BackfillError::Privileges { .. } => Self::cannot_ask(
                failed,
                "connect as the owner of the tables, or GRANT the rights above, and run the same command again",
            ),
            BackfillError::AlreadyRunning => Self::no(
                message,
                "backfill status --watch to follow it, or backfill work to lend it a hand",
            ),
            BackfillError::Unfinished { .. } => Self::no(
                message,
                "backfill run with the same options goes on with it; backfill cancel ends it",
            ),
            BackfillError::Paused { .. } => Self::stopped(message, "backfill resume"),
            BackfillError::Unresolvable(_) => Self::no(
                message.replace('\n', "\nerror: "),
                "give these tenants a workspace, or delete the rows, then run the same command again; validate --only 'orphan/*' lists them",
            ),
            BackfillError::ActiveRuns { .. } => Self::no(
                message,
                "see to that run in the application's operations: once it is completed, run the same command again",
            ),
            BackfillError::NothingTo(_) => {
                Self::no(message, "backfill status shows the last one, backfill run starts one")
            }
            BackfillError::OutOfPlace { request, .. } => Self::no(message, instead(request)),
            BackfillError::Stopped => {
                Self::stopped("stopped before anything was written", "run the same command again")
            }
            BackfillError::Worker(_) => {
                Self::cannot_ask(failed, "run the same command again: it goes on where it was")
            }
        }
    }
}

fn instead(request: Request) -> &'static str {
    match request {
        Request::Pause => "backfill resume",
        Request::Resume => "backfill status",
        Request::Cancel => "backfill run",
    }
}
