//! What the write guard's functions do, in PL/pgSQL.

use super::{bound_by_guard, filled};
use crate::names::{filled_sequence, literal, quoted};
use crate::scope::{Scope, Target};

/// `SELECT … INTO place`: the workspace of the new row's tenant.
fn owner_into(scope: &Scope, target: &Target, place: &str) -> String {
    format!(
        "SELECT tenant.{} INTO {place} FROM {} AS tenant WHERE tenant.{} = NEW.{};",
        quoted(&scope.tenants_workspace_column),
        scope.tenants.relation.sql(),
        quoted(&scope.tenants.key),
        quoted(&target.tenant_column),
    )
}

/// Lines behind the first one, moved in under it.
fn indented(lines: &str, spaces: usize) -> String {
    lines.replace('\n', &format!("\n{}", " ".repeat(spaces)))
}

/// A body between dollar quotes whose tag does not occur in it, whatever names it contains.
pub(super) fn dollar_quoted(body: &str) -> String {
    let mut tag = "$guard$".to_owned();
    while body.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    format!("{tag}{body}{tag}")
}

/// On INSERT into and UPDATE of a tenant-owned table.
pub(super) fn owned(scope: &Scope, target: &Target) -> String {
    let tenant = quoted(&target.tenant_column);
    let workspace = quoted(&target.workspace_column);
    let tenant_text = literal(&target.tenant_column);
    let workspace_text = literal(&target.workspace_column);
    format!(
        "
DECLARE
    owner {tenants}.{owner_column}%TYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.{tenant} IS DISTINCT FROM OLD.{tenant} THEN
            RAISE EXCEPTION USING ERRCODE = '23514',
                MESSAGE = format('%s.%s cannot change from %s to %s: the row belongs to the workspace of its tenant',
                    TG_TABLE_NAME, {tenant_text}, coalesce(OLD.{tenant}::text, 'NULL'), coalesce(NEW.{tenant}::text, 'NULL')),
                HINT = 'Insert a new row for the other tenant and delete this one.',
                SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = {tenant_text}, CONSTRAINT = TG_NAME;
        END IF;
    END IF;
    {owner}
    IF NEW.{workspace} IS NULL THEN
        NEW.{workspace} := owner;
        -- Only code that knows no workspace inserts a row without, or takes it from a bound one;
        -- an unbound row that is updated says nothing about who updates it.
        IF owner IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.{workspace} IS NOT NULL) THEN
            {note_filled}
        END IF;
    ELSIF NEW.{workspace} IS DISTINCT FROM owner THEN
        RAISE EXCEPTION USING ERRCODE = '23514',
            MESSAGE = format('%s.%s is %s, but %s %s belongs to %s',
                TG_TABLE_NAME, {workspace_text}, NEW.{workspace}::text, {tenant_text}, coalesce(NEW.{tenant}::text, 'NULL'),
                coalesce('workspace ' || owner::text, 'no workspace')),
            HINT = format('Leave %s out: it is derived from %s.', {workspace_text}, {tenant_text}),
            SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = {workspace_text}, CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.{workspace} IS NULL AND NEW.{workspace} IS NOT NULL THEN
            INSERT INTO {note} (relation, workspace_id) VALUES (TG_RELID, NEW.{workspace}::text);
        END IF;
    END IF;
    RETURN NEW;
END
",
        tenants = scope.tenants.relation.sql(),
        owner_column = quoted(&scope.tenants_workspace_column),
        owner = owner_into(scope, target, "owner"),
        note = bound_by_guard().sql(),
        note_filled = indented(&filled::note(&filled_sequence(&target.relation)), 12),
    )
}

/// On INSERT into an audit table; the trigger lets only rows by that have a tenant and no workspace.
pub(super) fn audit(scope: &Scope, target: &Target) -> String {
    let workspace = format!("NEW.{}", quoted(&target.workspace_column));
    format!(
        "
BEGIN
    {owner}
    IF {workspace} IS NOT NULL THEN
        {note_filled}
    END IF;
    RETURN NEW;
END
",
        owner = owner_into(scope, target, &workspace),
        note_filled = indented(&filled::note(&filled_sequence(&target.relation)), 8),
    )
}

/// On UPDATE of a tenant; the trigger lets only rows by whose workspace is set and changes.
pub(super) fn tenants(key: &str, column: &str) -> String {
    let workspace = quoted(column);
    let text = literal(column);
    format!(
        "
BEGIN
    RAISE EXCEPTION USING ERRCODE = '23514',
        MESSAGE = format('%s.%s of %s cannot change from %s to %s: rows are bound by it',
            TG_TABLE_NAME, {text}, OLD.{key}::text, OLD.{workspace}::text, coalesce(NEW.{workspace}::text, 'NULL')),
        HINT = 'A tenant stays with the workspace that claimed it.',
        SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = {text}, CONSTRAINT = TG_NAME;
END
",
        key = quoted(key),
    )
}
