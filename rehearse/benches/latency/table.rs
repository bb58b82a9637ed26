//! The figures as markdown: ratios first, then what they are made of.

use std::fmt::Write as _;

use rehearse::traffic::StepSummary;

use super::stage::{Measured, TRAFFIC};

/// Everything that was measured.
pub(crate) fn render(measured: &[Measured]) -> String {
    let mut text = facts(measured);
    text.push_str(
        "\nHow many times longer a statement of the application took beside the plain form:\n\n",
    );
    text.push_str(
        "| rows | step | p50 | p99 | p99.9 | max |\n| ---: | --- | ---: | ---: | ---: | ---: |\n",
    );
    for one in measured {
        for compared in &one.compared {
            let (ours, plain) = (shares(&compared.ours), shares(&compared.plain));
            let ratios = ours.iter().zip(plain).map(|(ours, plain)| times(*ours, plain));
            line(&mut text, &[millions(one.rows), compared.title.to_owned()], ratios);
        }
    }
    text.push_str("\nAnd in milliseconds:\n\n");
    text.push_str(
        "| rows | step | form | p50 | p99 | p99.9 | max | statements | errors | step took |\n",
    );
    text.push_str("| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for one in measured {
        let rows = millions(one.rows);
        latencies(&mut text, [&rows, "none", "-"], &one.quiet);
        latencies(&mut text, [&rows, "`backfill run`", "ours"], &one.backfill);
        for compared in &one.compared {
            latencies(&mut text, [&rows, compared.title, "ours"], &compared.ours);
            latencies(&mut text, [&rows, compared.title, "plain"], &compared.plain);
        }
    }
    text
}

fn facts(measured: &[Measured]) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let server = measured.first().map_or("", |one| one.server.as_str());
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "One run on one machine: {cores} cores (load {load} at the end), PostgreSQL {server} with `fsync` off; \
         {} clients of the application, about {} times a second.\n",
        TRAFFIC.clients, TRAFFIC.statements_per_second
    )
}

fn latencies(text: &mut String, names: [&str; 3], step: &StepSummary) {
    let counts = [step.statements.to_string(), step.errors.to_string()];
    let cells = shares(step)
        .map(millis)
        .into_iter()
        .chain(counts)
        .chain([millis(step.duration_ms * 1_000)]);
    line(text, &names.map(str::to_owned), cells);
}

fn line(text: &mut String, names: &[String], cells: impl Iterator<Item = String>) {
    let cells: Vec<_> = names.iter().cloned().chain(cells).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn shares(step: &StepSummary) -> [u64; 4] {
    [step.p50_us, step.p99_us, step.p999_us, step.max_us]
}

/// With one digit behind the point up to ten.
fn times(ours: u64, plain: u64) -> String {
    let tenths = plain.saturating_mul(10) / ours.max(1);
    if tenths < 100 {
        format!("{}.{} ×", tenths / 10, tenths % 10)
    } else {
        format!("{} ×", tenths / 10)
    }
}

fn millis(us: u64) -> String {
    if us < 100_000 {
        format!("{}.{}", us / 1_000, us % 1_000 / 100)
    } else {
        (us / 1_000).to_string()
    }
}

fn millions(rows: u64) -> String {
    if rows.is_multiple_of(1_000_000) {
        format!("{} M", rows / 1_000_000)
    } else {
        rows.to_string()
    }
}
