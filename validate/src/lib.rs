//! The gate: is every row provably bound to the workspace of its tenant?
//!
//! [`structure`] judges what the catalog says, [`check`] is the registry of everything that can
//! be asked, a [`selection`] is part of it, [`gate`] asks it of one snapshot, and [`report`]
//! shows the answers. A red gate is a value; an error means that it could not look.

pub mod check;
pub mod cli;
#[cfg(test)]
mod fixture;
pub mod gate;
pub mod report;
pub mod selection;
mod snapshot;
pub mod structure;
