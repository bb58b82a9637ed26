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
    /// Half of the statements took at most this long, in microseconds. In all three shares, a client
    /// that waited counts for those statements, too, that it would have sent meanwhile: its users
    /// come at their times, and wait with it. Otherwise a standstill of all clients would hardly show.
    pub p50_us: u64,
    /// 99 of 100 took at most this long, in microseconds.
    pub p99_us: u64,
    /// 999 of 1000 took at most this long, in microseconds.
    pub p999_us: u64,
    /// The longest took this long, in microseconds.
    pub max_us: u64,
    /// Which statement that was.
    pub slowest: Option<String>,
    /// How many statements failed.
    pub errors: u64,
    /// The first few different messages of those.
    pub messages: Vec<String>,
}

/// Collects what the clients feel.
#[derive(Debug)]
pub(super) struct Recorder {
    empty: Histogram<u64>,
    /// The time from one statement of a client to its next, in microseconds.
    period: u64,
    steps: Mutex<Steps>,
}

#[derive(Debug)]
struct Steps {
    all: Vec<Step>,
    current: usize,
}

#[derive(Debug)]
struct Step {
    name: String,
    /// Since when it is the current one.
    began: Instant,
    /// How long it was that before.
    lasted: Duration,
    latencies: Histogram<u64>,
    slowest: Option<(Duration, String)>,
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
    /// `period` is the time from one statement of a client to its next.
    pub(super) fn start(first_step: &str, period: Duration) -> Result<Self, CreationError> {
        let empty = Histogram::new_with_bounds(1, microseconds(LONGEST), 3)?;
        let first = Step::begin(first_step, empty.clone(), Instant::now());
        let steps = Steps { all: vec![first], current: 0 };
        Ok(Self { empty, period: microseconds(period), steps: Mutex::new(steps) })
    }

    /// A step of a name that was there before goes on.
    pub(super) fn step(&self, name: &str) {
        let now = Instant::now();
        let mut steps = self.steps();
        steps.pause(now);
        let earlier = steps.all.iter().position(|step| step.name == name);
        if earlier.is_none() {
            steps.all.push(Step::begin(name, self.empty.clone(), now));
        }
        steps.current = earlier.unwrap_or(steps.all.len() - 1);
        let current = steps.current;
        steps.all[current].began = now;
    }

    pub(super) fn begin(&self) -> Begun {
        Begun { step: self.steps().current, at: Instant::now() }
    }

    pub(super) fn end(&self, begun: Begun, statement: &str, failure: Option<String>) {
        let took = begun.at.elapsed();
        if let Some(step) = self.steps().all.get_mut(begun.step) {
            step.record(took, statement, failure);
        }
    }

    pub(super) fn summary(&self) -> TrafficSummary {
        let mut steps = self.steps();
        steps.pause(Instant::now());
        TrafficSummary { steps: steps.all.iter().map(|step| step.summary(self.period)).collect() }
    }

    /// A client that panicked while it held the lock can't have left a number half-written that matters.
    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Steps {
    /// Adds what has passed to what the current step has lasted.
    fn pause(&mut self, now: Instant) {
        let step = &mut self.all[self.current];
        step.lasted += now.saturating_duration_since(step.began);
        step.began = now;
    }
}

impl Step {
    fn begin(name: &str, latencies: Histogram<u64>, began: Instant) -> Self {
        Self {
            name: name.to_owned(),
            began,
            lasted: Duration::ZERO,
            latencies,
            slowest: None,
            errors: 0,
            messages: Vec::new(),
        }
    }

    fn record(&mut self, took: Duration, statement: &str, failure: Option<String>) {
        self.latencies.saturating_record(microseconds(took));
        if self.slowest.as_ref().is_none_or(|(longest, _)| took > *longest) {
            self.slowest = Some((took, statement.to_owned()));
        }
        let Some(message) = failure else { return };
        self.errors += 1;
        if self.messages.len() < MESSAGES && !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }

    fn summary(&self, period: u64) -> StepSummary {
        let longest = self.slowest.as_ref().map_or(0, |(took, _)| microseconds(*took));
        let felt = self.latencies.clone_correct(period);
        // The histogram answers with the upper end of a bucket, which may lie above the longest.
        let quantile = |share| felt.value_at_quantile(share).min(longest);
        StepSummary {
            name: self.name.clone(),
            duration_ms: self.lasted.as_millis().try_into().unwrap_or(u64::MAX),
            statements: self.latencies.len(),
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            p999_us: quantile(0.999),
            max_us: longest,
            slowest: self.slowest.as_ref().map(|(_, statement)| statement.clone()),
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

    /// So long that nobody would have sent anything while it waited.
    const PERIOD: Duration = Duration::from_secs(10);

    fn step() -> Result<Step, CreationError> {
        let recorder = Recorder::start("x", PERIOD)?;
        Ok(Step::begin("phase 1", recorder.empty, Instant::now()))
    }

    #[test]
    fn sums_up_latencies() -> Result<(), CreationError> {
        let mut step = step()?;
        for i in 1..=99 {
            step.record(Duration::from_millis(i), "read", None);
        }
        step.record(Duration::from_secs(2), "update", Some("timeout".to_owned()));
        let summary = step.summary(10_000_000);
        assert_eq!((summary.statements, summary.errors), (100, 1));
        assert!((49_900..=50_100).contains(&summary.p50_us), "{}", summary.p50_us);
        assert!((98_900..=99_100).contains(&summary.p99_us), "{}", summary.p99_us);
        assert_eq!((summary.max_us, summary.slowest.as_deref()), (2_000_000, Some("update")));
        Ok(())
    }

    #[test]
    fn who_would_have_come_while_a_client_waited_waits_too() -> Result<(), CreationError> {
        let mut step = step()?;
        for _ in 0..99 {
            step.record(Duration::from_millis(1), "read", None);
        }
        step.record(Duration::from_secs(10), "update", None);
        // At one statement in 50 ms, 199 more would have come in the ten seconds.
        let summary = step.summary(50_000);
        assert_eq!(summary.statements, 100);
        assert!((2_500_000..=2_600_000).contains(&summary.p50_us), "{}", summary.p50_us);
        Ok(())
    }

    #[test]
    fn keeps_the_first_different_messages() -> Result<(), CreationError> {
        let mut step = step()?;
        for i in 0..100 {
            step.record(Duration::ZERO, "read", Some(format!("message {}", i / 2)));
        }
        let summary = step.summary(10_000_000);
        assert_eq!(summary.errors, 100);
        assert_eq!(summary.messages.len(), MESSAGES);
        assert_eq!(summary.messages[1], "message 1");
        Ok(())
    }

    #[test]
    fn counts_a_statement_where_it_began() -> Result<(), CreationError> {
        let recorder = Recorder::start("before", PERIOD)?;
        let begun = recorder.begin();
        recorder.step("after");
        recorder.end(begun, "read", None);
        let counts =
            || recorder.summary().steps.iter().map(|step| step.statements).collect::<Vec<_>>();
        assert_eq!(counts(), [1, 0]);
        recorder.step("before");
        recorder.end(recorder.begin(), "read", None);
        assert_eq!(counts(), [2, 0]);
        Ok(())
    }
}
