//! Names: how they are quoted, how long they may be, and what the objects of the rollout are
//! called. The one place where an identifier becomes SQL text.

use std::fmt::{self, Write as _};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// PostgreSQL keeps at most this many bytes of an identifier (`NAMEDATALEN - 1`).
pub const MAX_BYTES: usize = 63;

/// The schema of the toolkit's own bookkeeping: the ledger, the write guard's functions, the
/// backfill's progress. It goes with `migration down --phase 1`.
pub const OWN_SCHEMA: &str = "workspace_isolation";

/// Quotes an identifier so that it stands for exactly itself, whatever it contains.
#[must_use]
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Quotes a text literal. Sessions run with `standard_conforming_strings = on`, so a backslash
/// is a backslash.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name itself where it fits into an identifier, else a prefix and eight hex digits of its
/// SHA-256: deterministic, and different for names that differ only behind the cut.
#[must_use]
pub fn shortened(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let mut end = MAX_BYTES - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{}", &name[..end], &hex_digest(name)[..8])
}

/// Hex SHA-256 of a text.
#[must_use]
pub fn hex_digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A table as the manifest names it: with a schema, or to be found on the search path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema, where the manifest gives one.
    pub schema: Option<String>,
    /// The table's bare name.
    pub name: String,
}

impl TableName {
    /// Splits `schema.table` at the first dot; a name without a dot has no schema.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once('.') {
            Some((schema, name)) => Self { schema: Some(schema.to_owned()), name: name.to_owned() },
            None => Self { schema: None, name: text.to_owned() },
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A relation or function of the database, schema and all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct QualifiedName {
    /// The schema.
    pub schema: String,
    /// The bare name.
    pub name: String,
}

impl QualifiedName {
    /// A name in a schema.
    #[must_use]
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// Another object of the same schema, such as a table's index.
    #[must_use]
    pub fn sibling(&self, name: &str) -> Self {
        Self::new(self.schema.clone(), name)
    }

    /// The name as SQL: `"schema"."name"`.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// `<table>_workspace_id_index`: the index of phase 1.
#[must_use]
pub fn workspace_index(table: &str) -> String {
    shortened(&format!("{table}_workspace_id_index"))
}

/// `<tenants>_id_workspace_id_unique`: what composite foreign keys refer to.
#[must_use]
pub fn tenants_unique(tenants: &str) -> String {
    shortened(&format!("{tenants}_id_workspace_id_unique"))
}

/// `<table>_workspace_id_foreign`: the key to the workspaces.
#[must_use]
pub fn workspace_foreign_key(table: &str) -> String {
    shortened(&format!("{table}_workspace_id_foreign"))
}

/// `<table>_tenant_id_workspace_id_foreign`: the composite key to the tenants.
#[must_use]
pub fn composite_foreign_key(table: &str) -> String {
    shortened(&format!("{table}_tenant_id_workspace_id_foreign"))
}

/// `<table>_workspace_id_present`: the CHECK that lets SET NOT NULL skip its scan. It stands
/// only for as long as that takes.
#[must_use]
pub fn presence_check(table: &str) -> String {
    shortened(&format!("{table}_workspace_id_present"))
}

/// `<table>_workspace_id_not_null`: NOT NULL as a constraint with a name (PostgreSQL 18).
#[must_use]
pub fn not_null(table: &str) -> String {
    shortened(&format!("{table}_workspace_id_not_null"))
}

/// `<audit>_workspace_required_check`: a tenant set means a workspace set.
#[must_use]
pub fn audit_check(audit: &str) -> String {
    shortened(&format!("{audit}_workspace_required_check"))
}

/// The write guard's trigger on INSERT. Triggers of one kind fire in the order of their names;
/// the prefix makes the guard see what the application's own triggers have made of the row.
pub const GUARD_INSERT: &str = "zz_workspace_isolation_insert";
/// The write guard's trigger on UPDATE.
pub const GUARD_UPDATE: &str = "zz_workspace_isolation_update";
/// The trigger that freezes a tenant's workspace once it is set.
pub const GUARD_TENANT: &str = "zz_workspace_isolation_frozen";

/// The function behind a table's write guard.
#[must_use]
pub fn guard_function(table: &QualifiedName) -> QualifiedName {
    own_object("guard", table)
}

/// The sequence that holds when a table's write guard last had to fill in a workspace.
#[must_use]
pub fn filled_sequence(table: &QualifiedName) -> QualifiedName {
    own_object("filled", table)
}

/// What belongs to a table, in [`OWN_SCHEMA`]. Names in which an underscore could stand between
/// two different pairs carry a digest of the pair.
fn own_object(purpose: &str, table: &QualifiedName) -> QualifiedName {
    let QualifiedName { schema, name } = table;
    let name = if schema.contains('_') || schema.contains('.') {
        let pair = hex_digest(&format!("{schema}\0{name}"));
        shortened(&format!("{purpose}_{}_{schema}_{name}", &pair[..8]))
    } else {
        shortened(&format!("{purpose}_{schema}_{name}"))
    };
    QualifiedName::new(OWN_SCHEMA, name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hostile_name_stays_a_name() {
        assert_eq!(quoted(r#"a"; DROP TABLE x; --"#), r#""a""; DROP TABLE x; --""#);
        assert_eq!(literal("o'clock\\"), "'o''clock\\'");
    }

    #[test]
    fn a_name_splits_at_the_first_dot() {
        let name = TableName::parse("Ops-Data.events.2024");
        assert_eq!(name.schema.as_deref(), Some("Ops-Data"));
        assert_eq!(name.name, "events.2024");
        assert_eq!(TableName::parse("policies").schema, None);
    }

    #[test]
    fn names_of_the_contract() {
        assert_eq!(workspace_index("policies"), "policies_workspace_id_index");
        assert_eq!(tenants_unique("tenants"), "tenants_id_workspace_id_unique");
        assert_eq!(composite_foreign_key("findings"), "findings_tenant_id_workspace_id_foreign");
    }

    #[test]
    fn what_belongs_to_different_tables_differs() {
        let (one, other) = (QualifiedName::new("a_b", "c"), QualifiedName::new("a", "b_c"));
        assert_ne!(guard_function(&one), guard_function(&other));
        assert_ne!(filled_sequence(&one), filled_sequence(&other));
        assert_eq!(filled_sequence(&other).name, "filled_a_b_c");
    }

    proptest! {
        #[test]
        fn a_shortened_name_fits_and_is_stable(name in "\\PC{0,90}") {
            let short = shortened(&name);
            prop_assert!(short.len() <= MAX_BYTES);
            prop_assert_eq!(&short, &shortened(&name));
            if name.len() <= MAX_BYTES {
                prop_assert_eq!(short, name);
            }
        }

        #[test]
        fn names_that_differ_behind_the_cut_stay_apart(stem in "[a-z]{70}", a in "[a-z]{5}", b in "[a-z]{5}") {
            prop_assume!(a != b);
            prop_assert_ne!(shortened(&format!("{stem}{a}")), shortened(&format!("{stem}{b}")));
        }
    }
}
