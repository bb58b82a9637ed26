//! How the findings of a rehearsal are shown.

pub mod html;
pub mod text;

use crate::rollout::Findings;
use crate::traffic::StepSummary;

/// A number of microseconds as people read it.
pub(crate) fn micros(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// A number of bytes as people read it, in MiB.
pub(crate) fn mebibytes(bytes: i64) -> String {
    format!("{} MiB", bytes / (1024 * 1024))
}

/// The longest wait behind the rollout that began in a step, as people read it.
pub(crate) fn kept_waiting(findings: &Findings, step: &StepSummary) -> String {
    let longest = findings.watched.longest_ms(&step.name);
    longest.map_or_else(|| "-".to_owned(), |longest| micros(longest * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable_at_every_size() {
        assert_eq!(micros(7), "7 µs");
        assert_eq!(micros(1_234), "1.2 ms");
        assert_eq!(micros(2_050_000), "2.0 s");
    }
}
