//! One client: a connection's worth of an application, one statement at a time.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement,
    TransactionTrait as _, Value,
};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::recorder::Recorder;
use super::sample::{Finding, Owned, Sample};
use super::statements::{self, Sentence};

/// What a client can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    ReadPolicies,
    ReadFinding,
    CountBackupItems,
    AddFinding,
    AddInventoryItem,
    AddPolicy,
    AddAuditLog,
    UpdateFinding,
    UpdatePolicy,
    UpdateInventoryItem,
    DeleteFinding,
}

/// How often each is chosen, in a hundred.
const MIX: [(Action, u32); 11] = [
    (Action::ReadPolicies, 22),
    (Action::ReadFinding, 20),
    (Action::CountBackupItems, 8),
    (Action::AddFinding, 10),
    (Action::AddInventoryItem, 8),
    (Action::AddPolicy, 4),
    (Action::AddAuditLog, 8),
    (Action::UpdateFinding, 8),
    (Action::UpdatePolicy, 5),
    (Action::UpdateInventoryItem, 5),
    (Action::DeleteFinding, 2),
];

/// One client of the application.
pub(super) struct Client {
    pool: DatabaseConnection,
    sample: Arc<Sample>,
    recorder: Arc<Recorder>,
    random: StdRng,
    /// Findings it added, of which it deletes one now and then. Others' stay, so that reads find them.
    added: Vec<i64>,
}

impl Client {
    pub(super) fn new(
        pool: DatabaseConnection,
        sample: Arc<Sample>,
        recorder: Arc<Recorder>,
        seed: u64,
    ) -> Self {
        Self { pool, sample, recorder, random: StdRng::seed_from_u64(seed), added: Vec::new() }
    }

    /// Acts once every `period` until told to stop. After a long wait it does not catch up on what it
    /// missed: users who waited don't click twice as fast.
    pub(super) async fn run(
        mut self,
        delay: Duration,
        period: Duration,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut ticks = tokio::time::interval_at(Instant::now() + delay, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // The sender going away means stop, too.
                _ = stopped.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
            }
            // What failed was recorded; the application's user tries something else.
            let action = choose(self.random.random_range(0..100));
            if let Err(error) = self.act(action).await {
                tracing::debug!(%error, ?action, "a statement of the traffic failed");
            }
        }
    }

    async fn act(&mut self, action: Action) -> Result<(), DbErr> {
        let policy = *self.policy();
        let finding = self.finding().clone();
        let item = *self.inventory_item();
        match action {
            Action::ReadPolicies => {
                let offset = self.random.random_range(0_i64..4) * 25;
                self.say(statements::PAGE_OF_POLICIES, [policy.tenant_id.into(), offset.into()])
                    .await
            }
            Action::ReadFinding => {
                self.say(
                    statements::FINDING_BY_KEY,
                    [finding.tenant_id.into(), finding.fingerprint.into()],
                )
                .await
            }
            Action::CountBackupItems => {
                self.say(statements::COUNT_OF_BACKUP_ITEMS, [policy.tenant_id.into()]).await
            }
            Action::AddFinding => self.add_finding(policy).await,
            Action::AddInventoryItem => {
                let key = self.key();
                self.say(statements::INSERT_INVENTORY_ITEM, [item.tenant_id.into(), key.into()])
                    .await
            }
            Action::AddPolicy => self.add_policy(policy.tenant_id).await,
            Action::AddAuditLog => {
                let resource = policy.id.to_string();
                self.say(statements::INSERT_AUDIT_LOG, [policy.tenant_id.into(), resource.into()])
                    .await
            }
            Action::UpdateFinding => {
                let status = if self.random.random() { "acknowledged" } else { "resolved" };
                self.say(statements::UPDATE_FINDING_STATUS, [finding.id.into(), status.into()])
                    .await
            }
            Action::UpdatePolicy => {
                self.say(statements::UPDATE_POLICY_SYNCED, [policy.id.into()]).await
            }
            Action::UpdateInventoryItem => {
                self.say(statements::UPDATE_ITEM_SEEN, [item.id.into()]).await
            }
            Action::DeleteFinding => match self.added.pop() {
                Some(id) => self.say(statements::DELETE_FINDING, [id.into()]).await,
                None => self.add_finding(policy).await,
            },
        }
    }

    async fn add_finding(&mut self, policy: Owned) -> Result<(), DbErr> {
        let values = [policy.tenant_id.into(), self.key().into(), policy.id.to_string().into()];
        let id = self.insert(&self.pool, statements::INSERT_FINDING, values).await?;
        self.added.push(id);
        Ok(())
    }

    /// A policy comes with its first version, in one transaction: the locks of the first statement are
    /// held while the second one runs.
    async fn add_policy(&mut self, tenant: i64) -> Result<(), DbErr> {
        let key = self.key();
        let transaction = self.pool.begin().await?;
        let policy = self
            .insert(&transaction, statements::INSERT_POLICY, [tenant.into(), key.clone().into()])
            .await?;
        let version = [tenant.into(), policy.into(), key.into()];
        self.insert(&transaction, statements::INSERT_POLICY_VERSION, version).await?;
        let begun = self.recorder.begin();
        let committed = transaction.commit().await;
        self.recorder.end(
            begun,
            statements::COMMIT,
            committed.as_ref().err().map(ToString::to_string),
        );
        committed
    }

    async fn say<const N: usize>(
        &self,
        sentence: Sentence,
        values: [Value; N],
    ) -> Result<(), DbErr> {
        self.query(&self.pool, sentence, values).await.map(drop)
    }

    /// Returns the new row's key.
    async fn insert<C: ConnectionTrait, const N: usize>(
        &self,
        connection: &C,
        sentence: Sentence,
        values: [Value; N],
    ) -> Result<i64, DbErr> {
        let rows = self.query(connection, sentence, values).await?;
        let row = rows.first().ok_or_else(|| DbErr::RecordNotFound(sentence.name.to_owned()))?;
        row.try_get_by_index(0)
    }

    async fn query<C: ConnectionTrait, const N: usize>(
        &self,
        connection: &C,
        sentence: Sentence,
        values: [Value; N],
    ) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sentence.sql, values);
        let begun = self.recorder.begin();
        let outcome = connection.query_all_raw(statement).await;
        self.recorder.end(begun, sentence.name, outcome.as_ref().err().map(ToString::to_string));
        outcome
    }

    fn policy(&mut self) -> &Owned {
        &self.sample.policies[self.random.random_range(0..self.sample.policies.len())]
    }

    fn finding(&mut self) -> &Finding {
        &self.sample.findings[self.random.random_range(0..self.sample.findings.len())]
    }

    fn inventory_item(&mut self) -> &Owned {
        &self.sample.inventory_items[self.random.random_range(0..self.sample.inventory_items.len())]
    }

    /// 64 hexadecimal digits that nobody has yet: a fingerprint's length.
    fn key(&mut self) -> String {
        let [a, b, c, d] = self.random.random::<[u64; 4]>();
        format!("{a:016x}{b:016x}{c:016x}{d:016x}")
    }
}

/// What a number below 100 stands for.
fn choose(number: u32) -> Action {
    let mut upper = 0;
    let found = MIX.iter().find(|(_, share)| {
        upper += share;
        number < upper
    });
    found.map_or(Action::ReadPolicies, |(action, _)| *action)
}

#[cfg(test)]
mod tests {
    use super::{Action, MIX, choose};

    #[test]
    fn the_mix_is_a_hundred() {
        assert_eq!(MIX.iter().map(|(_, share)| share).sum::<u32>(), 100);
        for (action, share) in MIX {
            assert_eq!((0..100).filter(|number| choose(*number) == action).count(), share as usize);
        }
        assert_eq!(choose(99), Action::DeleteFinding);
    }
}
