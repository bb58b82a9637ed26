//! For workflows: commands that the runner turns into annotations.
//!
//! The syntax is that of GitHub's "Workflow commands"; what has to be escaped is what its own
//! toolkit escapes (`packages/core/src/command.ts`).

use super::words::{message, printable, verdict};
use crate::gate::{Outcome, Report};

pub(super) fn render(report: &Report) -> String {
    if report.has_passed() {
        let title = format!("validate phase {}", report.phase.number());
        return command("notice", &title, &verdict(report));
    }
    report.failures().map(error).collect()
}

fn error(outcome: &Outcome) -> String {
    let next = printable(&outcome.next);
    command("error", &printable(&outcome.id), &format!("{}\nnext: {next}", message(outcome)))
}

fn command(name: &str, title: &str, message: &str) -> String {
    format!("::{name} title={}::{}\n", property(title), data(message))
}

/// A message, which ends with its line. The percent sign comes first, or it would escape what
/// the others became.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value, which ends with a comma or a colon besides.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests;
