//! Everything that needs more than one crate, a process or a server.
//!
//! One binary, one PostgreSQL server started by it; every test works on a database of its own,
//! cloned from a template. A database whose test failed is kept for as long as the server is, and
//! named in the failure's output.

#![cfg(test)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod backfill;
mod converge;
mod gate;
mod guard_seaorm;
mod guard_sql;
mod harness;
mod interlock;
mod latency;
mod layers;
mod locking;
mod manifest_foreign;
mod phases;
mod plan;
mod preflight;
mod refusals;
mod rehearsal;
mod schema;
mod streams;
mod surprises;
