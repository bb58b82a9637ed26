//! The database's write guard (phase 1.5), defined once: the migration makes it from here and the
//! gate judges by it.
//!
//! On a tenant-owned table it derives the workspace of a row that is written without one, rejects
//! a workspace that is not the tenant's, and rejects a changed tenant. On an audit table it only
//! derives, on INSERT, so that code which knows no workspace can go on writing its trail. On the
//! tenants it freezes a workspace once it is set, so that what was derived stays true.
//!
//! A tenant that no workspace has claimed yet derives nothing: the row stays unbound, and the
//! backfill and the gate report it. Rejecting it would be an outage for that tenant.
//!
//! What it had to fill in because the code that writes knows no workspace, it notes: when that was
//! last, by the second and the table (`filled`).
//!
//! What makes it cheap for a backfill: the UPDATE trigger's WHEN clause lets a row by that was
//! unbound and keeps its tenant, while `workspace_isolation.backfill` is `on`; the function is
//! not even called. Nothing that is bound already can be changed that way.
//!
//! The functions run with their owner's rights, as foreign key checks do: what a row's tenant
//! owns must not depend on who asks, or on a row-level security policy of theirs. Therefore their
//! search path is pinned, every name in them is qualified, and nobody else may attach them to a
//! table (EXECUTE is revoked from PUBLIC; firing needs no EXECUTE).

mod body;
mod filled;

use crate::catalog::{Catalog, Relation, Trigger};
use crate::manifest::WriteGuard;
use crate::names::{
    GUARD_INSERT, GUARD_TENANT, GUARD_UPDATE, OWN_SCHEMA, QualifiedName, filled_sequence,
    guard_function, literal, quoted,
};
use crate::scope::{Scope, Target};
pub use filled::{Filled, LastFilled, Second, last_filled};

/// The setting that tells the guard's WHEN clause that a backfill is writing.
pub const BACKFILL_SETTING: &str = "workspace_isolation.backfill";

/// The settings of every function of the guard, as `pg_proc.proconfig` keeps them.
const FUNCTION_SETTINGS: [&str; 1] = ["search_path=pg_catalog, pg_temp"];

/// Where the guard notes, row by row, that an application's own UPDATE bound an unbound row, so
/// that a backfill's count stays exact: (relation, `workspace_id`, `bound_at`).
#[must_use]
pub fn bound_by_guard() -> QualifiedName {
    QualifiedName::new(OWN_SCHEMA, "bound_by_guard")
}

/// The guard of one table: one function, and the triggers that call it.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The table's name as the manifest writes it.
    pub label: String,
    /// The table.
    pub relation: QualifiedName,
    /// The function.
    pub function: QualifiedName,
    /// The function's body, in PL/pgSQL.
    pub body: String,
    /// The triggers.
    pub triggers: Vec<GuardTrigger>,
    /// The sequence that holds when it last had to fill in a workspace; none where it fills in
    /// nothing.
    pub filled: Option<QualifiedName>,
}

/// A trigger of the guard.
#[derive(Debug, Clone)]
pub struct GuardTrigger {
    /// Its name.
    pub name: &'static str,
    event: &'static str,
    condition: Option<Condition>,
}

#[derive(Debug, Clone)]
enum Condition {
    /// tenant column, workspace column
    Owned(String, String),
    /// tenant column, workspace column
    Audit(String, String),
    /// workspace column
    Tenant(String),
}

/// How a guard's trigger stands in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerState {
    /// It is not there.
    Absent,
    /// It is there, and as it should be.
    Sound,
    /// It is there but does not fire.
    Disabled,
    /// It is there, but its definition or its function is another.
    Modified,
}

/// The guards a scope asks for: none where the application enforces phase 1.5.
#[must_use]
pub fn expected(scope: &Scope) -> Vec<Guard> {
    match scope.write_guard {
        WriteGuard::Application => Vec::new(),
        WriteGuard::Database => [Guard::tenants(scope)].into_iter().chain(tables(scope)).collect(),
    }
}

/// The guards of the tables whose rows are bound, whoever enforces phase 1.5.
#[must_use]
pub fn tables(scope: &Scope) -> Vec<Guard> {
    let owned = scope.tables.iter().map(|target| Guard::owned(scope, target));
    let audit = scope.audit_tables.iter().map(|target| Guard::audit(scope, target));
    owned.chain(audit).collect()
}

impl Guard {
    fn owned(scope: &Scope, target: &Target) -> Self {
        let columns = (target.tenant_column.clone(), target.workspace_column.clone());
        Self {
            label: target.label.clone(),
            relation: target.relation.clone(),
            function: guard_function(&target.relation),
            body: body::owned(scope, target),
            triggers: vec![
                GuardTrigger { name: GUARD_INSERT, event: "INSERT", condition: None },
                GuardTrigger {
                    name: GUARD_UPDATE,
                    event: "UPDATE",
                    condition: Some(Condition::Owned(columns.0, columns.1)),
                },
            ],
            filled: Some(filled_sequence(&target.relation)),
        }
    }

    fn audit(scope: &Scope, target: &Target) -> Self {
        let columns = (target.tenant_column.clone(), target.workspace_column.clone());
        Self {
            label: target.label.clone(),
            relation: target.relation.clone(),
            function: guard_function(&target.relation),
            body: body::audit(scope, target),
            triggers: vec![GuardTrigger {
                name: GUARD_INSERT,
                event: "INSERT",
                condition: Some(Condition::Audit(columns.0, columns.1)),
            }],
            filled: Some(filled_sequence(&target.relation)),
        }
    }

    /// The guard that freezes a tenant's workspace, whoever enforces phase 1.5.
    #[must_use]
    pub fn tenants(scope: &Scope) -> Self {
        let column = &scope.tenants_workspace_column;
        Self {
            label: scope.tenants.label.clone(),
            relation: scope.tenants.relation.clone(),
            function: guard_function(&scope.tenants.relation),
            body: body::tenants(&scope.tenants.key, column),
            triggers: vec![GuardTrigger {
                name: GUARD_TENANT,
                event: "UPDATE",
                condition: Some(Condition::Tenant(column.clone())),
            }],
            filled: None,
        }
    }

    /// Makes or renews the function. It touches no table.
    #[must_use]
    pub fn create_function(&self) -> String {
        format!(
            "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
             SET search_path = pg_catalog, pg_temp AS {}",
            self.function.sql(),
            body::dollar_quoted(&self.body)
        )
    }

    /// Keeps others from attaching the function to tables of their own.
    #[must_use]
    pub fn revoke_function(&self) -> String {
        format!("REVOKE EXECUTE ON FUNCTION {}() FROM PUBLIC", self.function.sql())
    }

    /// Makes the sequence that holds when the guard last had to fill in a workspace, if that is
    /// missing. It comes before the function, which writes it with the rights of its owner.
    #[must_use]
    pub fn create_missing_sequence(&self, catalog: &Catalog) -> Option<String> {
        let sequence = self.missing_sequence(catalog)?;
        let functions = catalog.named(&self.relation).into_iter().flat_map(|r| &r.triggers);
        let standing = functions.into_iter().find(|found| self.is_function_of(found));
        // Replacing a function leaves it whose it is.
        let owner = standing.map(|found| found.function_owner.as_str());
        Some(filled::create(sequence, owner.filter(|owner| *owner != catalog.role)))
    }

    /// Makes a trigger, or renews one of the name. It takes SHARE ROW EXCLUSIVE for an instant and reads no row.
    #[must_use]
    pub fn create_trigger(&self, trigger: &GuardTrigger) -> String {
        let head = trigger.head(&self.relation.sql(), &quoted);
        let head = head.replacen("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1);
        format!("{head} EXECUTE FUNCTION {}()", self.function.sql())
    }

    /// How a trigger of this guard stands on the table.
    #[must_use]
    pub fn state(&self, trigger: &GuardTrigger, relation: &Relation) -> TriggerState {
        match relation.trigger(trigger.name) {
            None => TriggerState::Absent,
            Some(found) if !self.is_ours(trigger, found, relation) => TriggerState::Modified,
            Some(found) if found.enabled != "O" && found.enabled != "A" => TriggerState::Disabled,
            Some(_) => TriggerState::Sound,
        }
    }

    fn is_ours(&self, trigger: &GuardTrigger, found: &Trigger, relation: &Relation) -> bool {
        let as_written = |name: &str| match relation.column(name) {
            Some(column) => column.reference.clone(),
            None => quoted(name),
        };
        let head = trigger.head(&relation.reference, &as_written);
        let same_definition = found
            .definition
            .strip_prefix(&head)
            .is_some_and(|rest| rest.starts_with(" EXECUTE FUNCTION "));
        same_definition
            && self.is_function_of(found)
            && found.function_source == self.body
            && found.function_settings == FUNCTION_SETTINGS
            && found.security_definer
    }

    fn is_function_of(&self, found: &Trigger) -> bool {
        found.function_schema == self.function.schema && found.function_name == self.function.name
    }

    /// The sequence it should have, where that is missing.
    #[must_use]
    pub fn missing_sequence(&self, catalog: &Catalog) -> Option<&QualifiedName> {
        let own = catalog.own_schema.as_ref();
        let stands = |name: &String| own.is_some_and(|own| own.sequences.contains(name));
        self.filled.as_ref().filter(|sequence| !stands(&sequence.name))
    }

    /// Whether its triggers stand on the table; if not, what is wrong with them.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn verdict(&self, relation: &Relation) -> Result<(), String> {
        for trigger in &self.triggers {
            let fault = match self.state(trigger, relation) {
                TriggerState::Sound => continue,
                TriggerState::Absent => "is missing",
                TriggerState::Disabled => "is disabled",
                TriggerState::Modified => "is not the one this toolkit makes",
            };
            return Err(format!("trigger {} on {} {fault}", trigger.name, self.label));
        }
        Ok(())
    }
}

impl GuardTrigger {
    /// The trigger's definition up to its function, in the very form `pg_get_triggerdef` gives
    /// it back, but for how names are quoted.
    fn head(&self, relation: &str, name: &dyn Fn(&str) -> String) -> String {
        let when = self.condition.as_ref().map(|condition| condition.sql(name));
        let when = when.map(|when| format!(" WHEN ({when})")).unwrap_or_default();
        format!(
            "CREATE TRIGGER {} BEFORE {} ON {relation} FOR EACH ROW{when}",
            self.name, self.event
        )
    }
}

impl Condition {
    fn sql(&self, name: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Owned(tenant, workspace) => {
                let (tenant, workspace) = (name(tenant), name(workspace));
                format!(
                    "((new.{tenant} IS DISTINCT FROM old.{tenant}) OR (new.{workspace} IS NULL) \
                     OR ((new.{workspace} IS DISTINCT FROM old.{workspace}) AND \
                     ((old.{workspace} IS NOT NULL) OR \
                     (COALESCE(current_setting({}::text, true), ''::text) <> 'on'::text))))",
                    literal(BACKFILL_SETTING)
                )
            }
            Self::Audit(tenant, workspace) => format!(
                "((new.{} IS NOT NULL) AND (new.{} IS NULL))",
                name(tenant),
                name(workspace)
            ),
            Self::Tenant(workspace) => {
                let workspace = name(workspace);
                format!(
                    "((old.{workspace} IS NOT NULL) AND (new.{workspace} IS DISTINCT FROM old.{workspace}))"
                )
            }
        }
    }
}
