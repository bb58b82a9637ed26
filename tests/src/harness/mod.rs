//! What the tests stand on: a server, databases, the binaries.

mod command;
mod database;
mod manifest;
mod plan;
mod rollout;
mod server;
mod session;

pub(crate) use command::{Answer, Tool};
pub(crate) use database::{Database, Template};
pub(crate) use manifest::ManifestFile;
pub(crate) use plan::{Step, steps, texts};
pub(crate) use rollout::assert_same;
pub(crate) use server::{block_on, server};
pub(crate) use session::{Session, SqlError, until};
