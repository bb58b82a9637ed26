//! The report as code scanning reads it.

use super::Text;
use crate::check::Phase;
use crate::fixture::{HOSTILE, hostile_report, rendered, report};
use crate::gate::Report;
use crate::report::Format;

/// The document, with the version of this crate taken out.
fn sarif(report: &Report) -> String {
    let version = |version: &str| format!("\"validate\",\n          \"version\": \"{version}\"");
    let document = rendered(Format::Sarif, report);
    document.replace(&version(env!("CARGO_PKG_VERSION")), &version("[version]"))
}

#[test]
fn a_green_gate_has_rules_and_no_results() {
    let mut report = report(Phase::One, &[]);
    report.checks.truncate(1);
    insta::assert_snapshot!(sarif(&report), @r#"
    {
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "validate",
              "version": "[version]",
              "rules": [
                {
                  "id": "column/policies",
                  "shortDescription": {
                    "text": "Without the column a row cannot say which workspace owns it, and a column of another type could not refer to the workspaces."
                  },
                  "help": {
                    "text": "migration up --phase 1"
                  }
                }
              ]
            }
          },
          "automationDetails": {
            "id": "validate/phase-1/"
          },
          "results": []
        }
      ]
    }
    "#);
}

#[test]
fn a_red_gate_has_a_result_for_each_failure() {
    let rows: [(&str, u64, &[&str]); 1] = [("mismatch/policies", 7, &["1", "2", "3", "4", "5"])];
    let mut report = report(Phase::Two, &rows);
    report.checks.truncate(2);
    insta::assert_snapshot!(sarif(&report), @r#"
    {
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "validate",
              "version": "[version]",
              "rules": [
                {
                  "id": "missing/policies",
                  "shortDescription": {
                    "text": "A row without a workspace belongs to nobody: a query that asks by workspace never finds it, and NOT NULL cannot be set while it is there."
                  },
                  "help": {
                    "text": "backfill run"
                  }
                },
                {
                  "id": "mismatch/policies",
                  "shortDescription": {
                    "text": "A row that names another workspace than its tenant does shows one customer's data to another. Either the row's workspace or its tenant is wrong; the database cannot know which, so no command corrects it by itself."
                  },
                  "help": {
                    "text": "correct workspace_id or tenant_id, whichever is wrong, in the rows shown by: SELECT owned.\"id\", owned.\"tenant_id\", owned.\"workspace_id\", tenant.\"workspace_id\" AS tenants_workspace FROM \"public\".\"policies\" AS owned LEFT JOIN \"public\".\"tenants\" AS tenant ON tenant.\"id\" = owned.\"tenant_id\" WHERE owned.\"workspace_id\" <> tenant.\"workspace_id\" ORDER BY owned.\"id\""
                  }
                }
              ]
            }
          },
          "automationDetails": {
            "id": "validate/phase-2/"
          },
          "results": [
            {
              "ruleId": "mismatch/policies",
              "ruleIndex": 1,
              "level": "error",
              "message": {
                "text": "rows of policies whose workspace_id is not their tenant's: 7 (ids 1, 2, 3, 4, 5, …)"
              },
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "fullyQualifiedName": "policies",
                      "kind": "table"
                    }
                  ]
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn no_name_is_a_placeholder_or_a_link() {
    insta::assert_snapshot!(sarif(&hostile_report()), @r#"
    {
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "validate",
              "version": "[version]",
              "rules": [
                {
                  "id": "orphan/p%,:|`*<b>]]>&\"'\r\n::error::{0} [a](b)\u001b[31m\\",
                  "shortDescription": {
                    "text": "The workspace of a row is that of its tenant. Where there is no such tenant, or no workspace has claimed it, there is nothing to derive it from: the backfill stops at such rows, and the keys of phase 3 cannot stand."
                  },
                  "help": {
                    "text": "claim the tenants (UPDATE \"public\".\"tenants\" SET \"workspace_id\" = … WHERE \"id\" = …) or remove the rows shown by: SELECT owned.\"id\", owned.\"tenant_id\", tenant.\"id\" IS NOT NULL AS tenant_exists FROM \"public\".\"p%,:|`*<b>\\]\\]>&\"'\\\\r\\\\n::error::{{0}} \\[a\\](b)\\\\u{{1b}}\\[31m\\\\\" AS owned LEFT JOIN \"public\".\"tenants\" AS tenant ON tenant.\"id\" = owned.\"tenant_id\" WHERE tenant.\"workspace_id\" IS NULL ORDER BY owned.\"id\""
                  }
                }
              ]
            }
          },
          "automationDetails": {
            "id": "validate/phase-2/"
          },
          "results": [
            {
              "ruleId": "orphan/p%,:|`*<b>]]>&\"'\r\n::error::{0} [a](b)\u001b[31m\\",
              "ruleIndex": 0,
              "level": "error",
              "message": {
                "text": "rows of p%,:|`*<b>\\]\\]>&\"'\\\\r\\\\n::error::{{0}} \\[a\\](b)\\\\u{{1b}}\\[31m\\\\ without a tenant, or whose tenant has no workspace_id: 1 (ids p%,:|`*<b>\\]\\]>&\"'\\\\r\\\\n::error::{{0}} \\[a\\](b)\\\\u{{1b}}\\[31m\\\\)"
              },
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "fullyQualifiedName": "p%,:|`*<b>]]>&\"'\r\n::error::{0} [a](b)\u001b[31m\\",
                      "kind": "table"
                    }
                  ]
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn ids_and_tables_are_exactly_themselves() {
    let document: Result<serde_json::Value, _> =
        serde_json::from_str(&rendered(Format::Sarif, &hostile_report()));
    let document = document.unwrap_or_default();
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], format!("orphan/{HOSTILE}"));
    assert_eq!(result["ruleId"], document["runs"][0]["tool"]["driver"]["rules"][0]["id"]);
    let table = &result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
    assert_eq!(table, HOSTILE);
}

#[test]
fn braces_are_doubled_and_brackets_escaped() {
    assert_eq!(Text::of(r"{0} [a](b) \").text, r"{{0}} \[a\](b) \\");
}
