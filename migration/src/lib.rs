//! Phases 1, 1.5 and 3 of the rollout, as migrations.
//!
//! A [`definition`] compares what its phase asks for with the catalog and says what is still to
//! run, as [`statement::Statement`] values. The plan that is shown, the script that is reviewed
//! and the execution all use that one list, so what was planned is what runs, and a rollout that
//! was cut anywhere goes on by asking again. The [`preflight`] looks for what could keep those
//! statements from being carried out. The [`migrator`] keeps the ledger with SeaORM's
//! migrator; the [`runner`] holds the order of things: locks, gates, phases.
//!
//! The names of columns and indexes are those of the contract; a wrong object of the right name
//! is an error, never taken for ours.

pub mod bookkeeping;
pub mod cli;
pub mod definition;
pub mod definitions;
pub mod executor;
pub mod migrator;
pub mod phase;
pub mod preflight;
pub mod runner;
pub mod statement;
