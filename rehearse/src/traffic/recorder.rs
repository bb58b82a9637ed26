//! What the traffic felt: latencies and errors, step by step.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::{CreationError, Histogram};
use serde::Serialize;

/// How many different error messages a step keeps.
const MESSAGES: usize = 5;

/// The longest latency told apart from longer ones.
const LONGEST: Duration = Duration::from_hours(1);

/// What the traffic felt, in the order of the steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrafficSummary {
    /// One entry for each step, also for those in which nothing happened.
    pub steps: Vec<StepSummary>,
}

/// What the traffic felt during one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepSummary {
    /// The name given to [`Traffic::step`](super::Traffic::step).
    pub name: String,
    /// How long the step lasted, in milliseconds.
    pub duration_ms: u64,
    /// Statements that began in this step and have ended since, well or not.
    pub statements: u64,
    /// Half of the statements took at most this long, in microseconds.
    pub p50_us: u64,
    /// 99 of 100 took at most this long, in microseconds.
    pub p99_us: u64,
    /// The longest took this long, in microseconds.
    pub max_us: u64,
    /// Which statement that was.
    pub slowest: Option<&'static str>,
    /// How many statements failed.
    pub errors: u64,
    /// The first few different messages of those.
    pub messages: Vec<String>,
}

/// Collects what the clients feel.
#[derive(Debug)]
pub(super) struct Recorder {
    empty: Histogram<u64>,
    steps: Mutex<Vec<Step>>,
}

#[derive(Debug)]
struct Step {
    name: String,
    began: Instant,
    ended: Option<Instant>,
    latencies: Histogram<u64>,
    slowest: Option<(Duration, &'static str)>,
    errors: u64,
    messages: Vec<String>,
}

/// A statement that has begun. It counts for the step in which it did: when a step takes a lock and
/// releases it at its end, those who waited come back in the next one, which is not to blame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    step: usize,
    at: Instant,
}

impl Recorder {
    pub(super) fn start(first_step: &str) -> Result<Self, CreationError> {
        let empty = Histogram::new_with_bounds(1, microseconds(LONGEST), 3)?;
        let first = Step::begin(first_step, empty.clone(), Instant::now());
        Ok(Self { empty, steps: Mutex::new(vec![first]) })
    }

    pub(super) fn step(&self, name: &str) {
        let now = Instant::now();
        let mut steps = self.steps();
        if let Some(last) = steps.last_mut() {
            last.ended = Some(now);
        }
        steps.push(Step::begin(name, self.empty.clone(), now));
    }

    pub(super) fn begin(&self) -> Begun {
        Begun { step: self.steps().len() - 1, at: Instant::now() }
    }

    pub(super) fn end(&self, begun: Begun, statement: &'static str, failure: Option<String>) {
        let took = begun.at.elapsed();
        if let Some(step) = self.steps().get_mut(begun.step) {
            step.record(took, statement, failure);
        }
    }

    pub(super) fn summary(&self) -> TrafficSummary {
        let now = Instant::now();
        TrafficSummary { steps: self.steps().iter().map(|step| step.summary(now)).collect() }
    }

    /// Ends the last step.
    pub(super) fn finish(&self) -> TrafficSummary {
        if let Some(last) = self.steps().last_mut() {
            last.ended = Some(Instant::now());
        }
        self.summary()
    }

    /// A client that panicked while it held the lock can't have left a number half-written that matters.
    fn steps(&self) -> MutexGuard<'_, Vec<Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step {
    fn begin(name: &str, latencies: Histogram<u64>, began: Instant) -> Self {
        Self {
            name: name.to_owned(),
            began,
            ended: None,
            latencies,
            slowest: None,
            errors: 0,
            messages: Vec::new(),
        }
    }

    fn record(&mut self, took: Duration, statement: &'static str, failure: Option<String>) {
        self.latencies.saturating_record(microseconds(took));
        self.slowest = self.slowest.max(Some((took, statement)));
        let Some(message) = failure else { return };
        self.errors += 1;
        if self.messages.len() < MESSAGES && !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }

    fn summary(&self, now: Instant) -> StepSummary {
        let duration = self.ended.unwrap_or(now).saturating_duration_since(self.began);
        let longest = self.slowest.map_or(0, |(took, _)| microseconds(took));
        // The histogram answers with the upper end of a bucket, which may lie above the longest.
        let quantile = |share| self.latencies.value_at_quantile(share).min(longest);
        StepSummary {
            name: self.name.clone(),
            duration_ms: duration.as_millis().try_into().unwrap_or(u64::MAX),
            statements: self.latencies.len(),
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            max_us: longest,
            slowest: self.slowest.map(|(_, statement)| statement),
            errors: self.errors,
            messages: self.messages.clone(),
        }
    }
}

fn microseconds(duration: Duration) -> u64 {
    duration.as_micros().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CreationError, MESSAGES, Recorder, Step};

    fn step() -> Result<Step, CreationError> {
        Recorder::start("x").map(|recorder| Step::begin("phase 1", recorder.empty, Instant::now()))
    }

    #[test]
    fn sums_up_latencies() -> Result<(), CreationError> {
        let mut step = step()?;
        for i in 1..=99 {
            step.record(Duration::from_millis(i), "read", None);
        }
        step.record(Duration::from_secs(2), "update", Some("timeout".to_owned()));
        let summary = step.summary(step.began + Duration::from_secs(3));
        assert_eq!((summary.duration_ms, summary.statements, summary.errors), (3000, 100, 1));
        assert!((49_900..=50_100).contains(&summary.p50_us), "{}", summary.p50_us);
        assert!((98_900..=99_100).contains(&summary.p99_us), "{}", summary.p99_us);
        assert_eq!((summary.max_us, summary.slowest), (2_000_000, Some("update")));
        Ok(())
    }

    #[test]
    fn keeps_the_first_different_messages() -> Result<(), CreationError> {
        let mut step = step()?;
        for i in 0..100 {
            step.record(Duration::ZERO, "read", Some(format!("message {}", i / 2)));
        }
        let summary = step.summary(step.began);
        assert_eq!(summary.errors, 100);
        assert_eq!(summary.messages.len(), MESSAGES);
        assert_eq!(summary.messages[1], "message 1");
        Ok(())
    }

    #[test]
    fn counts_a_statement_where_it_began() -> Result<(), CreationError> {
        let recorder = Recorder::start("before")?;
        let begun = recorder.begin();
        recorder.step("after");
        recorder.end(begun, "read", None);
        let counts: Vec<u64> = recorder.finish().steps.iter().map(|step| step.statements).collect();
        assert_eq!(counts, [1, 0]);
        Ok(())
    }
}
