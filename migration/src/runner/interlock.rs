//! The interlock of phase 3: says so where code that leaves the workspace out was writing until a
//! moment ago. It refuses nothing: the write guard stays, and such code may stay with it.

use std::time::{Duration, SystemTime};

use isolation::guard::{LastFilled, last_filled};
use isolation::manifest::WriteGuard;
use isolation::scope::Scope;
use isolation::session::Session;
use isolation::session::sqlstate::in_words;

/// Warns where the write guard had to fill in a workspace less than a quiet period ago. It comes
/// before the gate, which on large tables leaves time to think it over.
///
/// `guarded_at` is when phase 1.5 was applied, in seconds of Unix time: about the time before that
/// nothing is known.
pub(super) async fn look(
    session: &Session,
    scope: &Scope,
    guarded_at: Option<i64>,
    quiet_period: Duration,
) {
    if quiet_period.is_zero() || scope.write_guard == WriteGuard::Application {
        return;
    }
    if let Some(warning) = guarded_at.and_then(|at| too_young(at, SystemTime::now(), quiet_period))
    {
        tracing::warn!("{warning}");
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

/// A guard that has not stood for a quiet period cannot tell whether there was one.
fn too_young(guarded_at: i64, now: SystemTime, quiet_period: Duration) -> Option<String> {
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(guarded_at).ok()?);
    let age = Duration::from_secs(now.duration_since(since).unwrap_or_default().as_secs());
    (age < quiet_period).then(|| {
        format!(
            "the write guard has stood for {} only: it cannot tell whether code that leaves the workspace out \
             has written within the last {} (--quiet-period)",
            humantime::format_duration(age),
            humantime::format_duration(quiet_period)
        )
    })
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
    fn a_guard_that_is_younger_than_the_period_says_so() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let ten_minutes = Duration::from_mins(10);
        insta::assert_snapshot!(too_young(996, now, ten_minutes).unwrap_or_default(), @"the write guard has stood for 4s only: it cannot tell whether code that leaves the workspace out has written within the last 10m (--quiet-period)");
        assert_eq!(too_young(400, now, ten_minutes), None);
    }

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
