//! The vocabulary of the rollout, shared by every room of the house.
//!
//! Data flows one way: a [`manifest`] says what should be, the [`catalog`] what is there, the
//! [`scope`] is the one read against the other, and the [`session`] carries statements to the
//! database and brings their errors back classified. Everything but the session is pure: values
//! in, values out.
//!
//! The [`guard`] is the one definition of the database's write guard, by which it is both made and
//! judged.
//!
//! [`cli`] holds what the binaries have in common: options, exit statuses, messages, logging.
//! No other module knows clap, a terminal or an exit status.

pub mod catalog;
pub mod cli;
pub mod guard;
pub mod manifest;
pub mod names;
pub mod scope;
pub mod session;
