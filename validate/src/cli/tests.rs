//! What the command line takes.

use clap::{CommandFactory as _, Parser as _};

use super::*;
use crate::fixture;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn lines_that_are_taken_and_lines_that_are_not() {
    for line in [
        "validate",
        "validate --phase 3 --format json",
        "validate --format junit",
        "validate --format github --output sarif=a.sarif --output junit=b.xml",
        "validate --output json=a.json --output text=b.txt --only missing/* --only audit/*",
        "validate list --format json",
        "validate --database-url postgres://x/y explain missing/policies --format text",
    ] {
        assert!(parse(line).is_ok(), "{line}");
    }
    for line in [
        "validate --phase 1.5",
        "validate --phase 7",
        "validate --format yaml",
        "validate list --format sarif",
        "validate --output json",
        "validate explain",
        "validate mend",
    ] {
        assert_eq!(parse(line).err().map(|e| e.exit_code()), Some(2), "{line}");
    }
}

#[test]
fn options_of_the_gate_are_not_swallowed_by_a_subcommand() {
    for (line, given) in [
        ("validate --phase 3 list", true),
        ("validate --only x list", true),
        ("validate list --format json", false),
    ] {
        assert_eq!(parse(line).map(|cli| cli.run.is_given()).ok(), Some(given), "{line}");
    }
}

#[test]
fn an_explanation_says_everything() {
    let checks = registry(&fixture::scope());
    let check = checks.iter().find(|check| check.id == "orphan/policies");
    insta::assert_snapshot!(check.map(explain::text).unwrap_or_default(), @r#"
    orphan/policies (phase 2 and 3)
    Fails for rows of policies without a tenant, or whose tenant has no workspace_id.

    Why it matters:
      The workspace of a row is that of its tenant. Where there is no such tenant, or no workspace has claimed it, there is nothing to derive it from: the backfill stops at such rows, and the keys of phase 3 cannot stand.

    The question:
      SELECT count(*) FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id" WHERE tenant."workspace_id" IS NULL;

    The rows:
      SELECT owned."id", owned."tenant_id", tenant."id" IS NOT NULL AS tenant_exists FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id" WHERE tenant."workspace_id" IS NULL ORDER BY owned."id";

    How to mend it:
      claim the tenants (UPDATE "public"."tenants" SET "workspace_id" = … WHERE "id" = …) or remove the rows shown above
    "#);
}
