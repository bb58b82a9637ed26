//! One document, as the contract has it.

use crate::gate::Report;

pub(super) fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}
