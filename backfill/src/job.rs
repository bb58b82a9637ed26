//! What the workers of one process share.

use isolation::catalog::Catalog;
use isolation::manifest::Manifest;
use isolation::scope::Scope;
use isolation::session::Session;

use crate::coverage::Coverage;
use crate::error::BackfillError;
use crate::operations::Operations;
use crate::store::Backfill;

/// A backfill as one process works on it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) session: Session,
    pub(crate) manifest: Manifest,
    pub(crate) coverage: Coverage,
    pub(crate) operations: Operations,
    /// The backfill's id.
    pub(crate) id: i64,
    pub(crate) batch_size: i64,
    /// The server process that holds this process's lock on the rows: whoever claims a range
    /// signs with it, and the claim is worth as much as the lock.
    pub(crate) pid: i32,
}

impl Job {
    /// A recorded backfill, resolved against the database as it is now.
    pub(crate) fn new(
        session: &Session,
        manifest: &Manifest,
        (catalog, scope): (&Catalog, &Scope),
        backfill: &Backfill,
        pid: i32,
    ) -> Result<Self, BackfillError> {
        Ok(Self {
            session: session.clone(),
            manifest: manifest.clone(),
            coverage: Coverage::recorded(scope, catalog, backfill.extent.clone())?,
            operations: Operations::of(scope, catalog),
            id: backfill.id,
            batch_size: backfill.tuning.batch_size,
            pid,
        })
    }

    /// The coverage with the partitions that exist now.
    pub(crate) async fn coverage_now(&self) -> Result<Coverage, BackfillError> {
        let (catalog, scope) = self.session.resolve(&self.manifest).await?;
        Coverage::recorded(&scope, &catalog, self.coverage.extent.clone())
    }
}
