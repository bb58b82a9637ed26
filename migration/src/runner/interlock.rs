//! The interlock of phase 3: says so where code that leaves the workspace out was writing until a
//! moment ago. It refuses nothing: the write guard stays, and such code may stay with it.

use std::time::Duration;

use isolation::guard::{LastFilled, last_filled};
use isolation::scope::Scope;
use isolation::session::Session;
use isolation::session::sqlstate::in_words;

/// Warns where the write guard had to fill in a workspace less than a quiet period ago. It comes
/// before the gate, which on large tables leaves time to think it over.
pub(super) async fn look(session: &Session, scope: &Scope, quiet_period: Duration) {
    if quiet_period.is_zero() {
        return;
    }
    match last_filled(session.db(), scope).await {
        Ok(last) => {
            if let Some(warning) = last.and_then(|last| warning(&last, quiet_period)) {
                tracing::warn!("{warning}");
            }
        }
        // What cannot be seen is no reason to stop: the phase does not rest on it.
        Err(error) => {
            let error = in_words(&error);
            tracing::warn!("failed to look whether old code still writes: {error}");
        }
    }
}

fn warning(last: &LastFilled, quiet_period: Duration) -> Option<String> {
    let recent: Vec<_> = last.within(quiet_period).map(ToString::to_string).collect();
    if recent.is_empty() {
        return None;
    }
    let period = humantime::format_duration(quiet_period);
    Some(format!(
        "code that leaves the workspace out still writes: within the last {period} the write guard had to fill it in \
         {}; deploy the code that writes it everywhere, or leave it to the guard knowingly (--quiet-period 0)",
        recent.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use isolation::guard::{Filled, Second};

    use super::*;

    #[test]
    fn one_line_names_the_tables_the_times_and_what_to_do() {
        let filled = |table: &str, at, seconds_ago| Filled {
            table: table.to_owned(),
            at: Second(at),
            seconds_ago,
        };
        let tables =
            vec![filled("findings", 1_795_341_600, 125), filled("policies", 1_795_341_000, 725)];
        let last = LastFilled { tables };
        insta::assert_snapshot!(warning(&last, Duration::from_mins(10)).unwrap_or_default(), @"code that leaves the workspace out still writes: within the last 10m the write guard had to fill it in 2m 5s ago (findings), at 2026-11-22T10:00:00Z; deploy the code that writes it everywhere, or leave it to the guard knowingly (--quiet-period 0)");
        assert_eq!(warning(&last, Duration::from_mins(2)), None);
        let never = LastFilled { tables: Vec::new() };
        assert_eq!(warning(&never, Duration::MAX), None);
    }
}
