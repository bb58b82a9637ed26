//! What a client does in one transaction: several rows, in several tables.
//!
//! The orders differ on purpose: a child before its tenant in one, the tenant before the child in
//! another. Whoever locks tables while these run has every chance to end in a deadlock with them.
//! Among each other they never do, so that a deadlock is always the rollout's doing:
//!
//! * Rows that exist are changed in one order: by table, and by key within a table.
//! * A transaction that changes a tenant or a workspace changes that one row, and else only adds
//!   rows of its own, for which nobody waits.
//! * Adding a row looks up its parents FOR KEY SHARE, which does not conflict with such changes: no
//!   key is ever changed, and no parent deleted.

use sea_orm::DbErr;

use super::client::Client;
use super::code::Code;
use super::sample::Owned;
use super::statements::Sentence;
use super::tables::{
    AUDIT_LOGS, ENTRA_GROUPS, FINDINGS, INVENTORY_ITEMS, POLICIES, POLICY_VERSIONS,
};

/// How many rows of a table [`Client::change_rows`] changes.
const ROWS: usize = 3;

impl Client {
    /// A policy comes with its first version: the locks of the first statement are held while the
    /// second one runs.
    pub(super) async fn add_policy_with_version(&mut self, code: Code) -> Result<(), DbErr> {
        let owner = self.sample.owner(POLICIES, &mut self.random);
        let transaction = self.voice.begin().await?;
        let id = self.add(&transaction, POLICIES, owner, code).await?;
        let policy = Owned { id, ..owner };
        self.add(&transaction, POLICY_VERSIONS, policy, code).await?;
        self.voice.commit(transaction).await
    }

    pub(super) async fn add_then_change_tenant(&mut self, code: Code) -> Result<(), DbErr> {
        let owner = self.sample.row(FINDINGS, &mut self.random);
        let change = self.sample.phrases.change_tenant.clone();
        self.add_then_change([FINDINGS, INVENTORY_ITEMS], owner, (change, owner.tenant_id), code)
            .await
    }

    pub(super) async fn change_tenant_then_add(&mut self, code: Code) -> Result<(), DbErr> {
        let owner = self.sample.row(FINDINGS, &mut self.random);
        let change = self.sample.phrases.change_tenant.clone();
        self.change_then_add((change, owner.tenant_id), [INVENTORY_ITEMS, FINDINGS], owner, code)
            .await
    }

    pub(super) async fn add_then_change_workspace(&mut self, code: Code) -> Result<(), DbErr> {
        let owner = self.sample.row(ENTRA_GROUPS, &mut self.random);
        let change = self.sample.phrases.change_workspace.clone();
        self.add_then_change([ENTRA_GROUPS, AUDIT_LOGS], owner, (change, owner.workspace_id), code)
            .await
    }

    pub(super) async fn change_workspace_then_add(&mut self, code: Code) -> Result<(), DbErr> {
        let owner = self.sample.row(ENTRA_GROUPS, &mut self.random);
        let change = self.sample.phrases.change_workspace.clone();
        self.change_then_add((change, owner.workspace_id), [AUDIT_LOGS, ENTRA_GROUPS], owner, code)
            .await
    }

    /// A few rows of two tables, as a synchronisation with the remote service changes them.
    pub(super) async fn change_rows(&mut self, code: Code) -> Result<(), DbErr> {
        let transaction = self.voice.begin().await?;
        for table in [INVENTORY_ITEMS, FINDINGS] {
            let mut rows: Vec<Owned> =
                (0..ROWS).map(|_| self.sample.row(table, &mut self.random)).collect();
            rows.sort_by_key(|row| row.id);
            for row in rows {
                self.change(&transaction, table, row, code).await?;
            }
        }
        self.voice.commit(transaction).await
    }

    async fn add_then_change(
        &mut self,
        tables: [usize; 2],
        owner: Owned,
        (change, key): (Sentence, i64),
        code: Code,
    ) -> Result<(), DbErr> {
        let transaction = self.voice.begin().await?;
        for table in tables {
            self.add(&transaction, table, owner, code).await?;
        }
        self.voice.say(&transaction, &change, vec![key.into()]).await?;
        self.voice.commit(transaction).await
    }

    async fn change_then_add(
        &mut self,
        (change, key): (Sentence, i64),
        tables: [usize; 2],
        owner: Owned,
        code: Code,
    ) -> Result<(), DbErr> {
        let transaction = self.voice.begin().await?;
        self.voice.say(&transaction, &change, vec![key.into()]).await?;
        for table in tables {
            self.add(&transaction, table, owner, code).await?;
        }
        self.voice.commit(transaction).await
    }
}
