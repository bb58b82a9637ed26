//! What no step can do without: a server that takes writes, and the rights.

use isolation::catalog::{Catalog, Relation};
use isolation::names::{OWN_SCHEMA, quoted};
use isolation::scope::Scope;

use super::{Check, Finding, Severity};

/// A right that the role lacks.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Missing {
    /// The right, in words.
    pub(crate) right: String,
    table: Option<String>,
    /// The statement that grants it, where the role can say it itself.
    grant: Option<String>,
}

impl Missing {
    /// The right on one line, with the statement that grants it.
    pub(crate) fn line(&self) -> String {
        match &self.grant {
            Some(grant) => format!("{}: {grant}", self.right),
            None => self.right.clone(),
        }
    }
}

/// What to do about all of these.
pub(crate) fn remedy(missing: &[Missing], role: &str) -> String {
    let grants: Option<Vec<_>> = missing.iter().map(|one| one.grant.as_deref()).collect();
    match grants {
        Some(grants) => grants.join("; "),
        None => format!(
            "connect as the owner of these tables (or a member of that role), or make {} one",
            quoted(role)
        ),
    }
}

/// The rights that the role lacks, each once.
pub(crate) fn missing(catalog: &Catalog, scope: &Scope) -> Vec<Missing> {
    let mut missing = Vec::new();
    let mut lacks = |right: String, table: Option<String>| {
        missing.push(Missing { right, table, grant: None });
    };
    match &catalog.own_schema {
        None if !catalog.can_create => {
            lacks(format!("CREATE on database {}", catalog.database), None);
        }
        Some(own) if !own.owned => {
            lacks(format!("the rights of {}, who owns schema {OWN_SCHEMA}", own.owner), None);
        }
        None | Some(_) => {}
    }
    for relation in relations(catalog, scope) {
        let name = relation.qualified().to_string();
        if !relation.owned {
            lacks(format!("ownership of table {name}"), Some(name.clone()));
        }
        if !relation.can_create_beside {
            lacks(format!("CREATE on schema {}", relation.schema), None);
        }
        if relation.forces_row_security && !catalog.bypasses_row_security {
            let right = format!(
                "BYPASSRLS: table {name} forces row-level security on its owner, whose rights the write guard has"
            );
            lacks(right, Some(name));
        }
    }
    missing.extend(relations(catalog, scope).filter_map(|relation| lock(catalog, relation)));
    missing.sort();
    missing.dedup();
    missing
}

/// Every table that a step may lock.
fn relations<'a>(catalog: &'a Catalog, scope: &'a Scope) -> impl Iterator<Item = &'a Relation> {
    let parents = [scope.tenants.oid, scope.workspaces.oid];
    let oids = scope.targets().map(|target| target.oid).chain(parents);
    oids.filter_map(|oid| catalog.by_oid(oid))
}

/// LOCK TABLE, which every statement that blocks anybody comes after, asks for a right to change
/// rows. An owner has it unless it took it from itself, as it may on a table that is only ever
/// appended to; and can give it back. Whoever is no owner lacks more than that.
fn lock(catalog: &Catalog, relation: &Relation) -> Option<Missing> {
    if relation.can_be_locked || !relation.owned {
        return None;
    }
    let table = relation.qualified();
    Some(Missing {
        right: format!("UPDATE on table {table}"),
        table: Some(table.to_string()),
        grant: Some(format!("GRANT UPDATE ON {} TO {}", table.sql(), quoted(&catalog.role))),
    })
}

pub(super) fn findings(catalog: &Catalog, scope: &Scope) -> Vec<Finding> {
    let role = &catalog.role;
    let finding = |missing: Missing| {
        let detail = format!("role {role} lacks {}", missing.right);
        let table = missing.table.as_deref();
        let remedy = remedy(std::slice::from_ref(&missing), role);
        Finding::new(Check::Privileges, Severity::Stops, table, &detail, &remedy)
    };
    missing(catalog, scope).into_iter().map(finding).collect()
}

pub(super) fn standby() -> Finding {
    Finding::new(
        Check::Standby,
        Severity::Stops,
        None,
        "the server is a standby: it takes no writes",
        "connect to the primary",
    )
}
