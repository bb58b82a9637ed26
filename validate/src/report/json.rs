//! One document, as the contract has it.

use crate::gate::Report;

pub(super) fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::Phase;
    use crate::fixture::{last_filled, report};

    #[test]
    fn when_the_guard_last_had_to_fill_in_a_workspace_stands_beside_the_checks()
    -> Result<(), serde_json::Error> {
        let mut report = report(Phase::Two, &[]);
        let unknown: Value = serde_json::from_str(&render(&report)?)?;
        assert_eq!(unknown["last_filled"], Value::Null);
        report.last_filled = Some(last_filled("findings"));
        let known: Value = serde_json::from_str(&render(&report)?)?;
        let tables = json!([
            {"table": "findings", "at": "2026-11-22T10:00:00Z", "seconds_ago": 125},
            {"table": "audit_logs", "at": "2026-11-18T11:06:40Z", "seconds_ago": 341_725},
        ]);
        assert_eq!(
            known["last_filled"],
            json!({"at": "2026-11-22T10:00:00Z", "seconds_ago": 125, "tables": tables})
        );
        assert_eq!(known["verdict"], unknown["verdict"]);
        Ok(())
    }
}
