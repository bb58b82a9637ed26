//! What no step can do without: a server that takes writes, and the rights.

use isolation::catalog::Catalog;
use isolation::names::{OWN_SCHEMA, quoted};
use isolation::scope::Scope;

use super::{Check, Finding, Severity};

/// A right that the role lacks.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Missing {
    /// The right, in words.
    pub(crate) right: String,
    table: Option<String>,
}

/// The rights that the role lacks, each once.
pub(crate) fn missing(catalog: &Catalog, scope: &Scope) -> Vec<Missing> {
    let mut missing = Vec::new();
    let mut lacks = |right: String, table: Option<String>| missing.push(Missing { right, table });
    match &catalog.own_schema {
        None if !catalog.can_create => {
            lacks(format!("CREATE on database {}", catalog.database), None);
        }
        Some(own) if !own.owned => {
            lacks(format!("the rights of {}, who owns schema {OWN_SCHEMA}", own.owner), None);
        }
        None | Some(_) => {}
    }
    let tables = scope.targets().map(|t| t.oid);
    let parents = [scope.tenants.oid, scope.workspaces.oid];
    for relation in tables.chain(parents).filter_map(|oid| catalog.by_oid(oid)) {
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
    missing.sort();
    missing.dedup();
    missing
}

pub(super) fn findings(catalog: &Catalog, scope: &Scope) -> Vec<Finding> {
    let role = &catalog.role;
    let remedy = format!(
        "connect as the owner of these tables (or a member of that role), or make {} one",
        quoted(role)
    );
    let finding = |missing: Missing| {
        let detail = format!("role {role} lacks {}", missing.right);
        let table = missing.table.as_deref();
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
