//! How fast it goes and how long it still takes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far back the speed looks.
const MEMORY: Duration = Duration::from_secs(20);

/// The speed over the last seconds. Pauses are forgotten as soon as work goes on.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    seen: VecDeque<(Instant, i64)>,
}

impl Pace {
    /// Takes note of how many rows were done at this time.
    pub fn observe(&mut self, now: Instant, processed: i64) {
        self.seen.push_back((now, processed));
        while self.seen.len() > 2
            && self.seen.front().is_some_and(|(at, _)| now.duration_since(*at) > MEMORY)
        {
            self.seen.pop_front();
        }
    }

    /// Rows a second; zero before there is anything to tell.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a speed is rounded when it is shown")]
    pub fn rows_per_second(&self) -> f64 {
        match (self.seen.front(), self.seen.back()) {
            (Some((from, before)), Some((to, after))) if to > from => {
                (after - before).max(0) as f64 / to.duration_since(*from).as_secs_f64()
            }
            _ => 0.0,
        }
    }
}

/// Whole seconds that this many rows take at this speed; none where nothing moves.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "an estimate in whole seconds; absurd ones saturate"
)]
pub(crate) fn seconds_left(remaining: i64, rows_per_second: f64) -> Option<i64> {
    (rows_per_second > 0.0).then(|| (remaining.max(0) as f64 / rows_per_second).ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_that_of_the_last_seconds() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert!(pace.rows_per_second().abs() < f64::EPSILON);
        pace.observe(start, 0);
        pace.observe(start + Duration::from_secs(10), 1_000);
        assert!((pace.rows_per_second() - 100.0).abs() < 0.01);
        // The first ten seconds fall out of sight.
        pace.observe(start + Duration::from_secs(30), 11_000);
        pace.observe(start + Duration::from_secs(31), 11_500);
        assert!((pace.rows_per_second() - 500.0).abs() < 0.01, "{}", pace.rows_per_second());
    }

    #[test]
    fn what_does_not_move_has_no_end() {
        assert_eq!(seconds_left(100, 0.0), None);
        assert_eq!(seconds_left(100, 30.0), Some(4));
        assert_eq!(seconds_left(-5, 30.0), Some(0));
    }
}
