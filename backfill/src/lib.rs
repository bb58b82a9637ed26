//! Phase 2: binds every row to the workspace of its tenant, while the application works.
//!
//! ```text
//! selection ──► coverage ──► plan ──► ranges ──► batches ──► sweep ──► finish
//! what is       which        what     blocks of   one         what      counts, outcome,
//! asked for     tables,      is       one leaf    transaction arrived   audit trail
//!               which keys   missing  relation    each        since
//! ```
//!
//! A *backfill* is one invocation, a *run* the part of it that one workspace's operations page
//! shows, a *range* the unit that a worker claims, a *batch* one transaction. Correctness rests on
//! three sentences. A batch's rows, its counts and its range's checkpoint commit in one
//! transaction. The checkpoint moves by compare-and-set, so a worker that was given up for dead
//! and comes back changes nothing. Every update says `workspace_id IS NULL`, so that doing work
//! twice is harmless. Whatever is killed, the same command goes on.
//!
//! [`plan()`], [`run()`], [`work()`], [`status()`] and [`control()`] are for programs: they know no terminal and
//! no exit status. [`cli`] is for people.

pub mod cli;

mod batch;
mod control;
mod coverage;
mod engine;
mod error;
mod guard_log;
mod job;
mod operations;
mod pace;
mod plan;
mod privileges;
mod progress;
mod queue;
mod range;
mod run;
mod selection;
mod settle;
mod sql;
mod state;
mod status;
mod stop;
mod store;
mod window;
mod worker;

pub use control::{Changed, control};
pub use error::{BackfillError, Leftover};
pub use pace::Pace;
pub use plan::{Plan, TablePlan, plan};
pub use progress::{Event, TableProgress};
pub use run::{Ending, RunOptions, Summary, run, work};
pub use selection::{Selection, Tuning};
pub use state::{Request, Status};
pub use status::{BackfillStatus, Options, Report, RunStatus, RunTable, SummaryCounts, status};
pub use stop::{Stop, Stopper};
