//! One client: a connection's worth of an application, one statement at a time.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::code::{Code, Deployed, Deployment};
use super::sample::{Owned, Sample};
use super::tables::{FINDINGS, TABLES};
use super::voice::Voice;

/// What a client can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    ReadPolicies,
    FindFinding,
    CountBackupItems,
    ReadRow,
    AddRow,
    ChangeRow,
    DeleteFinding,
    AddPolicy,
    AddThenChangeTenant,
    ChangeTenantThenAdd,
    AddThenChangeWorkspace,
    ChangeWorkspaceThenAdd,
    ChangeRows,
}

/// How often each is chosen, in a hundred.
const MIX: [(Action, u32); 13] = [
    (Action::ReadPolicies, 8),
    (Action::FindFinding, 8),
    (Action::CountBackupItems, 4),
    (Action::ReadRow, 26),
    (Action::AddRow, 16),
    (Action::ChangeRow, 16),
    (Action::DeleteFinding, 2),
    (Action::AddPolicy, 4),
    (Action::AddThenChangeTenant, 4),
    (Action::ChangeTenantThenAdd, 4),
    (Action::AddThenChangeWorkspace, 2),
    (Action::ChangeWorkspaceThenAdd, 2),
    (Action::ChangeRows, 4),
];

/// One client of the application.
pub(super) struct Client {
    pub(super) voice: Voice,
    pub(super) sample: Arc<Sample>,
    deployment: Arc<Deployment>,
    /// By position: the table that every other thing it does is about.
    favourite: Option<usize>,
    pub(super) random: StdRng,
    /// Findings it added, of which it deletes one now and then. Others' stay, so that reads find them.
    added: Vec<i64>,
}

impl Client {
    pub(super) fn new(
        voice: Voice,
        sample: Arc<Sample>,
        deployment: Arc<Deployment>,
        favourite: Option<usize>,
        seed: u64,
    ) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { voice, sample, deployment, favourite, random, added: Vec::new() }
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
        let deployment = Arc::clone(&self.deployment);
        loop {
            tokio::select! {
                // The sender going away means stop, too.
                _ = stopped.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
            }
            let action = choose(self.random.random_range(0..100));
            let deployed = deployment.now().await;
            let code = match *deployed {
                Deployed::Both if self.random.random() => Code::New,
                Deployed::Both | Deployed::Old => Code::Old,
            };
            // What failed was recorded; the application's user tries something else.
            if let Err(error) = self.act(action, code).await {
                tracing::debug!(%error, ?action, "a statement of the traffic failed");
            }
        }
    }

    async fn act(&mut self, action: Action, code: Code) -> Result<(), DbErr> {
        let table = self.table();
        match action {
            Action::ReadPolicies => self.read_policies().await,
            Action::FindFinding => self.find_finding().await,
            Action::CountBackupItems => self.count_backup_items().await,
            Action::ReadRow => self.read(table, code).await,
            Action::AddRow => self.add_alone(table, code).await,
            Action::ChangeRow => {
                let row = self.sample.row(table, &mut self.random);
                self.change(&self.voice.pool, table, row, code).await
            }
            Action::DeleteFinding => self.delete_finding(code).await,
            Action::AddPolicy => self.add_policy_with_version(code).await,
            Action::AddThenChangeTenant => self.add_then_change_tenant(code).await,
            Action::ChangeTenantThenAdd => self.change_tenant_then_add(code).await,
            Action::AddThenChangeWorkspace => self.add_then_change_workspace(code).await,
            Action::ChangeWorkspaceThenAdd => self.change_workspace_then_add(code).await,
            Action::ChangeRows => self.change_rows(code).await,
        }
    }

    async fn read_policies(&mut self) -> Result<(), DbErr> {
        let tenant = self.tenant();
        let offset = self.random.random_range(0_i64..4) * 25;
        let page = &self.sample.phrases.page_of_policies;
        self.voice.say(&self.voice.pool, page, vec![tenant.into(), offset.into()]).await
    }

    async fn find_finding(&mut self) -> Result<(), DbErr> {
        let finding = self.sample.finding(&mut self.random);
        let values = vec![finding.tenant_id.into(), finding.fingerprint.into()];
        let find = &self.sample.phrases.finding_by_fingerprint;
        self.voice.say(&self.voice.pool, find, values).await
    }

    async fn count_backup_items(&mut self) -> Result<(), DbErr> {
        let tenant = self.tenant();
        let count = &self.sample.phrases.count_of_backup_items;
        self.voice.say(&self.voice.pool, count, vec![tenant.into()]).await
    }

    async fn read(&mut self, table: usize, code: Code) -> Result<(), DbErr> {
        let row = self.sample.row(table, &mut self.random);
        let values = of_row(row, code);
        let words = self.sample.vocabulary(table).spoken_by(code);
        self.voice.say(&self.voice.pool, &words.read, values).await
    }

    async fn add_alone(&mut self, table: usize, code: Code) -> Result<(), DbErr> {
        let owner = self.sample.owner(table, &mut self.random);
        let pool = self.voice.pool.clone();
        let id = self.add(&pool, table, owner, code).await?;
        if table == FINDINGS {
            self.added.push(id);
        }
        Ok(())
    }

    async fn delete_finding(&mut self, code: Code) -> Result<(), DbErr> {
        match self.added.pop() {
            Some(id) => {
                let delete = &self.sample.phrases.delete_finding;
                self.voice.say(&self.voice.pool, delete, vec![id.into()]).await
            }
            None => self.add_alone(FINDINGS, code).await,
        }
    }

    /// Adds a row to a table and returns its key. It belongs to the owner's tenant, and to the owner
    /// itself where the table has a parent beside the tenants.
    pub(super) async fn add<C: ConnectionTrait>(
        &mut self,
        connection: &C,
        table: usize,
        owner: Owned,
        code: Code,
    ) -> Result<i64, DbErr> {
        let mut values = vec![owner.tenant_id.into(), self.key().into(), owner.id.into()];
        if code == Code::New {
            values.push(owner.workspace_id.into());
        }
        let words = self.sample.vocabulary(table).spoken_by(code);
        self.voice.insert(connection, &words.insert, values).await
    }

    pub(super) async fn change<C: ConnectionTrait>(
        &self,
        connection: &C,
        table: usize,
        row: Owned,
        code: Code,
    ) -> Result<(), DbErr> {
        let words = self.sample.vocabulary(table).spoken_by(code);
        self.voice.say(connection, &words.change, of_row(row, code)).await
    }

    fn tenant(&mut self) -> i64 {
        let table = self.table();
        self.sample.row(table, &mut self.random).tenant_id
    }

    fn table(&mut self) -> usize {
        match self.favourite {
            Some(favourite) if self.random.random() => favourite,
            _ => self.random.random_range(0..TABLES.len()),
        }
    }

    /// 64 hexadecimal digits that nobody has yet: a fingerprint's length.
    fn key(&mut self) -> String {
        let [a, b, c, d] = self.random.random::<[u64; 4]>();
        format!("{a:016x}{b:016x}{c:016x}{d:016x}")
    }
}

fn of_row(row: Owned, code: Code) -> Vec<sea_orm::Value> {
    match code {
        Code::Old => vec![row.id.into()],
        Code::New => vec![row.id.into(), row.workspace_id.into()],
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
        assert_eq!(choose(99), Action::ChangeRows);
    }
}
