//! `backfill pause`, `resume`, `cancel`.

use clap::Args;
use isolation::cli::{Exit, Failure, Format, print, print_json};

use super::Context;
use super::ending::{Document, Identity};
use crate::control::{Changed, control};
use crate::state::Request;

#[derive(Debug, Args)]
pub(super) struct ControlArguments {
    /// What to write to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) async fn run(
    context: &Context,
    request: Request,
    arguments: &ControlArguments,
) -> Result<Exit, Failure> {
    let manifest = context.database.manifest()?;
    let session = context.database.session("backfill", 2).await?;
    let changed = control(&session, &manifest, request).await;
    session.close().await;
    let changed = changed?;
    match arguments.format {
        Format::Text => print(&told(&changed, request))?,
        Format::Json => print_json(&Document {
            backfill: Some(Identity { id: changed.id, status: changed.status }),
            tables: changed.tables,
            ..Document::default()
        })?,
    }
    Ok(Exit::Done)
}

fn told(changed: &Changed, request: Request) -> String {
    let id = changed.id;
    let processed: i64 = changed.tables.iter().map(|t| t.processed).sum();
    let total: i64 = changed.tables.iter().map(|t| t.target_rows).sum();
    let done = format!("{processed} of {total} rows are bound");
    match request {
        Request::Pause => {
            format!("Backfill {id} is paused; {done} so far. Next: backfill resume")
        }
        Request::Resume => format!(
            "Backfill {id} may go on; {done} so far. Next: backfill run with the same options, or backfill work"
        ),
        Request::Cancel => format!("Backfill {id} is cancelled; {done} and stay so."),
    }
}
