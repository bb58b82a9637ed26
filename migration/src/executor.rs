//! Carries statements out: looks at the catalog, runs what a definition still asks for, one
//! short transaction after the other, and makes sure before each that the rollout lock is ours.

use std::time::{Duration, Instant};

use isolation::catalog::{Catalog, Index, Relation};
use isolation::manifest::Manifest;
use isolation::names::{self, QualifiedName};
use isolation::scope::Scope;
use isolation::session::blockers::builders_of;
use isolation::session::ddl::{DdlError, LockPolicy, Together};
use isolation::session::rollout_lock::{LockError, RolloutLock};
use isolation::session::sqlstate::Fault;
use isolation::session::{Session, SessionError};
use tokio::sync::Mutex;

use crate::bookkeeping::Bookkeeping;
use crate::definition::{Definition, Mismatch, View};
use crate::statement::{Statement, Transaction, Waits};

/// How often it is looked whether somebody's index build has ended.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end of the rollout.
    Up,
    /// Back.
    Down,
}

/// What keeps a migration from being carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// Objects are in the way that bear our names and are not ours.
    #[error("prepare {migration}:\n{}", mismatches.iter().map(|m| format!("  {}", m.0)).collect::<Vec<_>>().join("\n"))]
    InTheWay {
        /// The migration.
        migration: String,
        /// What is in the way.
        mismatches: Vec<Mismatch>,
    },
    /// A statement was not carried out.
    #[error(transparent)]
    Ddl(#[from] DdlError),
    /// The lock was lost.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database could not be read.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// How long statements may take and wait.
#[derive(Debug, Clone, Copy)]
pub struct ExecutionOptions {
    /// How statements wait for locks.
    pub policy: LockPolicy,
    /// How long one index build may take, waiting for older transactions included.
    pub index_timeout: Duration,
}

impl Default for ExecutionOptions {
    fn default() -> Self {
        Self {
            policy: LockPolicy { lock_timeout: Duration::from_secs(1), retries: 30 },
            index_timeout: Duration::from_hours(6),
        }
    }
}

/// Runs statements against one database, under the rollout lock.
pub struct Executor {
    session: Session,
    manifest: Manifest,
    options: ExecutionOptions,
    waits: Waits,
    lock: Mutex<RolloutLock>,
    executed: Mutex<Vec<String>>,
}

impl Executor {
    /// An executor that holds the rollout lock for as long as it lives.
    #[must_use]
    pub fn new(
        session: Session,
        manifest: Manifest,
        options: ExecutionOptions,
        waits: Waits,
        lock: RolloutLock,
    ) -> Self {
        let (lock, executed) = (Mutex::new(lock), Mutex::default());
        Self { session, manifest, options, waits, lock, executed }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Looks what a definition still asks for, and runs it.
    ///
    /// # Errors
    /// [`ExecutionError`]; what was run before stays, and asking again goes on from there.
    pub async fn carry_out(
        &self,
        definition: &dyn Definition,
        direction: Direction,
    ) -> Result<(), ExecutionError> {
        let mut tries = 0;
        'look: loop {
            for statement in self.due(definition, direction).await? {
                let Err(error) = self.run(&statement).await else {
                    continue;
                };
                tries += 1;
                if !is_worth_another_look(&statement, &error) || tries > self.options.policy.retries
                {
                    return Err(error);
                }
                tracing::info!("{error}");
                self.options.policy.pause_after(tries).await;
                continue 'look;
            }
            return Ok(());
        }
    }

    /// What a definition still asks for.
    async fn due(
        &self,
        definition: &dyn Definition,
        direction: Direction,
    ) -> Result<Vec<Statement>, ExecutionError> {
        let (catalog, scope) = self.settled().await?;
        let bookkeeping = Bookkeeping::read(self.session.db()).await.map_err(SessionError::from)?;
        let view = View { scope: &scope, catalog: &catalog, bookkeeping: &bookkeeping };
        match direction {
            Direction::Down => Ok(definition.down(&view)),
            Direction::Up => definition.up(&view).map_err(|mismatches| ExecutionError::InTheWay {
                migration: definition.name().to_owned(),
                mismatches,
            }),
        }
    }

    /// The catalog once no index of ours is being built any more. A command that was killed leaves
    /// a server process behind which goes on building, and what it has done is worth waiting for,
    /// as long as a build of ours may take.
    async fn settled(&self) -> Result<(Catalog, Scope), ExecutionError> {
        let began = Instant::now();
        let mut said = Vec::new();
        loop {
            let policy = self.options.policy;
            let (catalog, scope) = self.session.resolve_within(policy, &self.manifest).await?;
            let Some(index) = being_built(&catalog) else {
                return Ok((catalog, scope));
            };
            let seen = builders_of(self.session.db(), &index).await.map_err(SessionError::from)?;
            if began.elapsed() >= self.options.index_timeout {
                let sql =
                    format!("CREATE INDEX CONCURRENTLY {}, begun by another session", index.sql());
                let budget = self.options.index_timeout;
                return Err(DdlError::TooLong { sql, budget, blockers: seen }.into());
            }
            if seen != said {
                let (builder, others) = seen.split_at(seen.len().min(1));
                for one in builder {
                    tracing::info!("waiting: index {index} is being built by {one}");
                }
                for one in others {
                    tracing::info!("the build waits for {one}");
                }
                said = seen;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Runs one statement, its note with it.
    ///
    /// # Errors
    /// [`ExecutionError`].
    pub async fn run(&self, statement: &Statement) -> Result<(), ExecutionError> {
        tracing::info!("{}", brief(&statement.sql));
        tracing::debug!("{}", statement.sql);
        for transaction in statement.transactions(self.waits) {
            self.lock.lock().await.confirm().await?;
            self.commit(statement, &transaction).await?;
        }
        self.executed.lock().await.push(statement.sql.clone());
        Ok(())
    }

    async fn commit(
        &self,
        statement: &Statement,
        transaction: &Transaction,
    ) -> Result<(), ExecutionError> {
        if transaction.is_alone {
            for sql in &transaction.statements {
                self.session.run_outside_transaction(sql, self.options.index_timeout).await?;
            }
            return Ok(());
        }
        let is_note = !transaction.statements.contains(&statement.sql);
        let together = Together {
            about: &statement.sql,
            statements: &transaction.statements,
            tables: if is_note { &[] } else { &statement.in_line() },
            modes: statement.lock.waits_for(),
        };
        Ok(Box::pin(self.session.run_in_transaction(together, self.options.policy)).await?)
    }

    /// The statements run so far.
    pub async fn executed(&self) -> Vec<String> {
        self.executed.lock().await.clone()
    }

    /// Lets the rollout lock go.
    pub async fn finish(self) {
        self.lock.into_inner().release().await;
    }
}

/// Whether a statement was the one that a deadlock was broken with, outside any transaction. An
/// index build leaves something behind then: what is due now is another question.
fn is_worth_another_look(statement: &Statement, error: &ExecutionError) -> bool {
    let is_deadlock = matches!(
        error,
        ExecutionError::Ddl(DdlError::Failed { fault: Fault::LockUnavailable, .. })
    );
    !statement.in_transaction && is_deadlock
}

/// An index with a name of ours that some session is building right now.
fn being_built(catalog: &Catalog) -> Option<QualifiedName> {
    let ours = |relation: &Relation, index: &Index| {
        index.name == names::workspace_index(&relation.name)
            || index.name == names::tenants_unique(&relation.name)
    };
    catalog
        .relations
        .iter()
        .flat_map(|relation| relation.indexes.iter().map(move |index| (relation, index)))
        .find(|(relation, index)| index.building && ours(relation, index))
        .map(|(relation, index)| relation.qualified().sibling(&index.name))
}

/// A statement as a line of progress: its beginning, on one line.
fn brief(sql: &str) -> String {
    const LONGEST: usize = 120;
    let line = sql.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}
