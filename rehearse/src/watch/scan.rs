//! Which statements read a whole table, by their text: what of ours does, and the plain forms of it.

/// Whether a statement reads a whole table. `is_proven` says that a validated CHECK stands on the
/// column it is about.
pub(super) fn scans(query: &str, is_proven: bool) -> bool {
    let query = query.to_ascii_uppercase();
    let has = |words: &str| query.contains(words);
    let first = query.split_whitespace().next().unwrap_or_default();
    match first {
        "CREATE" => has("INDEX "),
        "REINDEX" | "ANALYZE" | "VACUUM" | "UPDATE" | "WITH" | "DELETE" | "CLUSTER" => true,
        "ALTER" => {
            has("VALIDATE CONSTRAINT")
                || (has("SET NOT NULL") && !is_proven)
                || (has(" ADD ") && adds_a_rule(&query) && !has("NOT VALID"))
        }
        _ => false,
    }
}

/// Not those that come with a new column: it is NULL in every row.
fn adds_a_rule(query: &str) -> bool {
    let rules = ["FOREIGN KEY", "CHECK", "UNIQUE", "PRIMARY KEY"];
    !query.contains("ADD COLUMN") && rules.iter().any(|rule| query.contains(rule))
}

#[cfg(test)]
mod tests {
    use super::scans;

    #[test]
    fn the_plain_forms_scan() {
        for query in [
            "CREATE INDEX i ON findings (workspace_id)",
            "CREATE UNIQUE INDEX CONCURRENTLY i ON tenants (id, workspace_id)",
            "ALTER TABLE findings ADD CONSTRAINT f FOREIGN KEY (workspace_id) REFERENCES workspaces (id)",
            "alter table findings add check (workspace_id is not null)",
            "ALTER TABLE findings ALTER COLUMN workspace_id SET NOT NULL",
            "ALTER TABLE findings VALIDATE CONSTRAINT f",
            "UPDATE findings SET workspace_id = 1",
            "WITH candidate AS MATERIALIZED ( SELECT 1 )",
        ] {
            assert!(scans(query, false), "{query}");
        }
    }

    #[test]
    fn changes_of_the_definition_do_not() {
        for query in [
            "ALTER TABLE findings ADD COLUMN workspace_id bigint",
            "ALTER TABLE findings ADD CONSTRAINT f FOREIGN KEY (w) REFERENCES workspaces (id) NOT VALID",
            "ALTER TABLE findings ALTER COLUMN workspace_id SET NOT NULL",
            "ALTER TABLE findings ALTER COLUMN workspace_id DROP NOT NULL",
            "ALTER TABLE findings DROP CONSTRAINT IF EXISTS f",
            "LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE",
            "CREATE TRIGGER t BEFORE INSERT ON findings FOR EACH ROW EXECUTE FUNCTION f()",
            "COMMIT",
            "",
        ] {
            assert!(!scans(query, true), "{query}");
        }
    }
}
