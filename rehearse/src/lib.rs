//! A rehearsal of the whole rollout, on a throwaway PostgreSQL.
//!
//! [`server`] runs the server, [`legacy`] puts the application's pre-rollout schema and data on it,
//! [`traffic`] plays the application, [`watch`] sees whom it waits for, [`rollout`] takes it through the
//! phases with the code of production, and [`report`] shows what that took and what the traffic felt.
//! Integration tests start their servers here too.

pub mod cli;
pub mod legacy;
pub mod report;
pub mod rollout;
pub mod server;
pub mod traffic;
pub mod watch;
