//! Which of the application's releases are running.

use tokio::sync::{RwLock, RwLockReadGuard};

/// A release of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Has never heard of `workspace_id` on the tenant-owned tables.
    Old,
    /// Writes and reads it. It can only run where there is one: from phase 1 on.
    New,
}

/// What is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    /// The old code alone.
    Old,
    /// Both codes side by side, as while a deployment is being rolled out: each does half the work.
    Both,
}

/// What is deployed right now, and who is still busy with what was.
#[derive(Debug)]
pub(super) struct Deployment(RwLock<Deployed>);

impl Deployment {
    pub(super) fn of(deployed: Deployed) -> Self {
        Self(RwLock::new(deployed))
    }

    /// What is deployed, for as long as the answer is kept.
    pub(super) async fn now(&self) -> RwLockReadGuard<'_, Deployed> {
        self.0.read().await
    }

    /// Returns once nobody is busy with what was deployed before.
    pub(super) async fn change(&self, deployed: Deployed) {
        *self.0.write().await = deployed;
    }
}
