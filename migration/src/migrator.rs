//! The ledger and the order of migrations, kept by SeaORM's own migrator over a list that is
//! built at run time.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sea_orm::sea_query::{Alias, IntoIden as _};
use sea_orm::{DbErr, DynIden};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager};

use crate::bookkeeping::LEDGER;
use crate::definition::Definition;
use crate::definitions;
use crate::executor::{Direction, ExecutionError, Executor};

/// SeaORM's migrator over the rollout's definitions.
#[derive(Clone)]
pub struct Migrator {
    executor: Arc<Executor>,
    fault: Arc<Mutex<Option<ExecutionError>>>,
}

impl Migrator {
    /// A migrator that carries its migrations out with this executor.
    #[must_use]
    pub fn new(executor: Arc<Executor>) -> Self {
        Self { executor, fault: Arc::default() }
    }

    /// Why the last migration failed. SeaORM's errors carry text only; this is the whole of it.
    #[must_use]
    pub fn take_fault(&self) -> Option<ExecutionError> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let migration = |definition: &&'static dyn Definition| {
            Box::new(Migration { definition: *definition, migrator: self.clone() })
                as Box<dyn MigrationTrait>
        };
        definitions::ALL.iter().map(migration).collect()
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(LEDGER).into_iden()
    }
}

/// A definition as SeaORM sees it.
struct Migration {
    definition: &'static dyn Definition,
    migrator: Migrator,
}

impl Migration {
    async fn carry_out(&self, direction: Direction) -> Result<(), DbErr> {
        let outcome = self.migrator.executor.carry_out(self.definition, direction).await;
        outcome.map_err(|fault| {
            let message = fault.to_string();
            let mut place = self.migrator.fault.lock().unwrap_or_else(PoisonError::into_inner);
            *place = Some(fault);
            DbErr::Migration(message)
        })
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &str {
        self.definition.name()
    }
}

#[async_trait]
impl MigrationTrait for Migration {
    /// Its statements are transactions of their own: a lock is held for one statement, never for
    /// a whole migration.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        self.carry_out(Direction::Up).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        self.carry_out(Direction::Down).await
    }
}
