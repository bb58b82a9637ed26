//! A transaction that is held open: a report that takes its time, a job that calls a remote service
//! with rows in its hands.

use std::time::Duration;

use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::watch;

use super::client::Client;
use super::code::Code;
use super::sample::Owned;
use super::tables::{AUDIT_LOGS, ENTRA_GROUPS, FINDINGS, INVENTORY_ITEMS};

/// A transaction that has read and written rows of several tables.
pub(super) struct Held {
    client: Client,
    transaction: DatabaseTransaction,
    owner: Owned,
}

impl Held {
    /// Opens it. What it changes are rows of its own: the application's other users don't wait for
    /// it, unless the rollout makes them.
    pub(super) async fn open(mut client: Client) -> Result<Self, DbErr> {
        let owner = client.sample.row(FINDINGS, &mut client.random);
        let pool = client.voice.pool.clone();
        let mut own = Vec::new();
        for table in [INVENTORY_ITEMS, FINDINGS] {
            let id = client.add(&pool, table, owner, Code::Old).await?;
            own.push((table, Owned { id, ..owner }));
        }
        let transaction = client.voice.begin().await?;
        let group = client.sample.row(ENTRA_GROUPS, &mut client.random);
        let words = client.sample.vocabulary(ENTRA_GROUPS).spoken_by(Code::Old);
        client.voice.say(&transaction, &words.read, vec![group.id.into()]).await?;
        for (table, row) in own {
            client.change(&transaction, table, row, Code::Old).await?;
        }
        client.add(&transaction, AUDIT_LOGS, owner, Code::Old).await?;
        Ok(Self { client, transaction, owner })
    }

    /// Ends it after so long, or when the traffic ends. Its last statement changes the tenant, which
    /// whoever locks the tables in another order runs into.
    pub(super) async fn end(self, after: Duration, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(after) => {}
        }
        if let Err(error) = self.commit().await {
            tracing::debug!(%error, "the transaction that was held open failed");
        }
    }

    async fn commit(self) -> Result<(), DbErr> {
        let Self { client, transaction, owner } = self;
        let change = &client.sample.phrases.change_tenant;
        client.voice.say(&transaction, change, vec![owner.tenant_id.into()]).await?;
        client.voice.commit(transaction).await
    }
}
