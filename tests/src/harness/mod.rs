//! What the tests stand on: a server, databases, the binaries.

mod command;
mod database;
mod manifest;
mod plan;
mod pooler;
mod rollout;
mod server;
mod session;
mod wire;

pub(crate) use command::{Answer, Tool};
pub(crate) use database::{Database, Template};
pub(crate) use manifest::ManifestFile;
pub(crate) use plan::{Step, steps, texts};
pub(crate) use pooler::Pooler;
pub(crate) use rollout::{assert_same, difference};
pub(crate) use server::{ROWS, block_on, create_legacy, server};
pub(crate) use session::{Session, SqlError, until};
pub(crate) use wire::Wire;
