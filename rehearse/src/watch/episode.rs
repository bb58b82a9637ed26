//! What was seen, put together: a wait is one session waiting once, an episode all waits of the same
//! session behind the same statement.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::FromQueryResult;
use serde::Serialize;

use super::scan::scans;

/// A session of the application behind a session of ours, as one look saw it.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub(super) struct Sighting {
    pub(super) waiter: i32,
    pub(super) ours: i32,
    /// Whether nobody is between the two.
    pub(super) is_direct: bool,
    /// Seconds; none in the first instant of a wait.
    pub(super) waiting_since: Option<f64>,
    pub(super) now: f64,
    pub(super) lock_type: String,
    pub(super) is_held: bool,
    pub(super) query_since: Option<f64>,
    pub(super) is_active: Option<bool>,
    pub(super) is_proven: bool,
    pub(super) query: String,
}

impl Sighting {
    fn key(&self) -> Key {
        // A float is no key; its bits are.
        (self.waiter, self.ours, self.waiting_since.map(f64::to_bits))
    }

    /// Who waits for us directly did so from the beginning. Who waits for somebody that waits for us
    /// may have waited before we came: nothing is known but what is seen.
    fn waited(&self) -> Option<Duration> {
        let since = self.waiting_since.filter(|_| self.is_direct)?;
        Some(Duration::try_from_secs_f64(self.now - since).unwrap_or_default())
    }

    fn reads_under_its_lock(&self) -> bool {
        let is_active = self.is_active.unwrap_or(false);
        let is_table = self.lock_type == "relation";
        is_active && is_table && self.is_held && scans(&self.query, self.is_proven)
    }
}

type Key = (i32, i32, Option<u64>);

/// What the application waited for behind one statement of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Episode {
    /// The step in which it was seen.
    pub step: String,
    /// The application's server process.
    pub waiter: i32,
    /// Ours.
    pub ours: i32,
    /// Our statement; the first 300 characters.
    pub query: String,
    /// What kind of lock it was, as `pg_locks` calls it: `relation`, or `transactionid` for a row.
    pub lock_type: String,
    /// Whether we were seen to hold the lock; otherwise we were ahead in the queue for it.
    pub is_held: bool,
    /// Whether our statement was reading a table while we held a table lock that the application
    /// waited for. Two looks in a row must agree on it: one alone may see the locks of one statement
    /// and the text of the next.
    pub scans: bool,
    /// How many waits there were.
    pub waits: u64,
    /// How long the longest of them lasted at least, in milliseconds.
    pub at_least_ms: u64,
    /// How long it can have lasted at most: until the look that did not see it any more.
    pub at_most_ms: u64,
    /// When the longest of them began, in seconds since 1970 by the server's clock.
    pub began: u64,
}

/// A wait that is not over, as far as is known.
#[derive(Debug)]
struct Wait {
    step: String,
    last: Sighting,
    seen_at: Duration,
    /// Before that it was not behind us, or not waiting.
    not_before: Duration,
    at_least: Duration,
    is_held: bool,
    scans: bool,
}

/// Everything seen so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    step: String,
    waits: BTreeMap<Key, Wait>,
    episodes: BTreeMap<(String, i32, i32, String), Episode>,
    looks: u64,
    looked_at: Duration,
    longest_gap: Duration,
}

impl Ledger {
    pub(super) fn new(step: &str) -> Self {
        Self { step: step.to_owned(), ..Self::default() }
    }

    pub(super) fn step(&mut self, name: &str) {
        name.clone_into(&mut self.step);
    }

    /// Takes note of one look. `asked` and `answered` are when, by the watch's own clock.
    pub(super) fn look(&mut self, sightings: Vec<Sighting>, asked: Duration, answered: Duration) {
        let before = self.looked_at;
        if self.looks > 0 {
            self.longest_gap = self.longest_gap.max(answered.saturating_sub(before));
        }
        self.looks += 1;
        self.looked_at = asked;
        let mut over = std::mem::take(&mut self.waits);
        for sighting in sightings {
            let key = sighting.key();
            let wait = match over.remove(&key) {
                Some(wait) => wait.seen_again(sighting, asked),
                None => Wait::begin(&self.step, sighting, asked, before),
            };
            self.waits.insert(key, wait);
        }
        for wait in over.into_values() {
            self.close(wait, answered);
        }
    }

    fn close(&mut self, wait: Wait, gone_at: Duration) {
        let at_most = wait.at_most(gone_at);
        let Wait { step, last, at_least, is_held, scans, .. } = wait;
        let key = (step.clone(), last.waiter, last.ours, last.query.clone());
        let episode = self.episodes.entry(key).or_insert_with(|| Episode {
            step,
            waiter: last.waiter,
            ours: last.ours,
            query: last.query,
            lock_type: last.lock_type,
            is_held: false,
            scans: false,
            waits: 0,
            at_least_ms: 0,
            at_most_ms: 0,
            began: 0,
        });
        episode.waits += 1;
        episode.is_held |= is_held;
        episode.scans |= scans;
        episode.at_least_ms = episode.at_least_ms.max(millis(at_least));
        if millis(at_most) >= episode.at_most_ms {
            episode.at_most_ms = millis(at_most);
            let began = last.waiting_since.unwrap_or(last.now);
            episode.began = Duration::try_from_secs_f64(began).unwrap_or_default().as_secs();
        }
    }

    /// Closes what is open, and tells.
    pub(super) fn finish(mut self, now: Duration) -> super::Watched {
        for wait in std::mem::take(&mut self.waits).into_values() {
            self.close(wait, now);
        }
        super::Watched {
            episodes: self.episodes.into_values().collect(),
            looks: self.looks,
            longest_gap_ms: millis(self.longest_gap),
        }
    }
}

impl Wait {
    fn begin(step: &str, sighting: Sighting, asked: Duration, before: Duration) -> Self {
        Self {
            step: step.to_owned(),
            seen_at: asked,
            not_before: before,
            at_least: sighting.waited().unwrap_or_default(),
            is_held: sighting.is_held,
            scans: false,
            last: sighting,
        }
    }

    fn seen_again(self, sighting: Sighting, asked: Duration) -> Self {
        let is_one_statement = self.last.query_since == sighting.query_since;
        let agree = self.last.reads_under_its_lock() && sighting.reads_under_its_lock();
        Self {
            at_least: sighting
                .waited()
                .unwrap_or(self.at_least + asked.saturating_sub(self.seen_at)),
            is_held: self.is_held || sighting.is_held,
            scans: self.scans || (is_one_statement && agree),
            seen_at: asked,
            last: sighting,
            ..self
        }
    }

    fn at_most(&self, gone_at: Duration) -> Duration {
        match self.last.waited() {
            Some(waited) => waited + gone_at.saturating_sub(self.seen_at),
            None => gone_at.saturating_sub(self.not_before),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: &str = "CREATE INDEX i ON findings (workspace_id)";

    /// Seen so many milliseconds after it began to wait, which is at second 100.
    fn sighting(waited: u32, query: &str) -> Sighting {
        Sighting {
            waiter: 1,
            ours: 2,
            is_direct: true,
            waiting_since: Some(100.0),
            now: 100.0 + f64::from(waited) / 1000.0,
            lock_type: "relation".to_owned(),
            is_held: true,
            query_since: Some(99.0),
            is_active: Some(true),
            is_proven: false,
            query: query.to_owned(),
        }
    }

    /// One look every 20 ms, the first at 20 ms.
    fn watched(looks: Vec<Vec<Sighting>>) -> Vec<Episode> {
        let mut ledger = Ledger::new("up");
        for (number, sightings) in (1..).zip(looks) {
            let asked = Duration::from_millis(20) * number;
            ledger.look(sightings, asked, asked + Duration::from_millis(1));
        }
        ledger.finish(Duration::from_secs(1)).episodes
    }

    fn only(episodes: &[Episode]) -> Episode {
        assert_eq!(episodes.len(), 1, "{episodes:?}");
        episodes[0].clone()
    }

    #[test]
    fn a_wait_lasts_until_the_look_that_does_not_see_it() {
        let alter = "ALTER TABLE findings ADD COLUMN workspace_id bigint";
        let looks = vec![vec![], vec![sighting(10, alter)], vec![sighting(30, alter)], vec![]];
        let episode = only(&watched(looks));
        assert_eq!((episode.at_least_ms, episode.at_most_ms, episode.waits), (30, 51, 1));
        assert_eq!((episode.is_held, episode.scans, episode.began), (true, false, 100));
    }

    #[test]
    fn who_waits_for_a_waiter_counts_from_when_it_was_seen_behind_us() {
        let behind = |waited| Sighting { is_direct: false, ..sighting(waited, BUILD) };
        let looks = vec![vec![], vec![behind(5_000)], vec![behind(5_020)], vec![]];
        let episode = only(&watched(looks));
        assert_eq!((episode.at_least_ms, episode.at_most_ms), (20, 61));
    }

    #[test]
    fn two_looks_must_agree_that_we_read_a_table_under_a_lock() {
        let scans = |looks| watched(looks).iter().any(|episode| episode.scans);
        assert!(scans(vec![vec![sighting(10, BUILD)], vec![sighting(30, BUILD)]]));
        assert!(!scans(vec![vec![sighting(10, BUILD)], vec![]]));
        let later = Sighting { query_since: Some(100.02), ..sighting(30, BUILD) };
        assert!(!scans(vec![vec![sighting(10, BUILD)], vec![later]]));
        let queued = |waited| Sighting { is_held: false, ..sighting(waited, BUILD) };
        assert!(!scans(vec![vec![queued(10)], vec![queued(30)]]));
        let row =
            |waited| Sighting { lock_type: "transactionid".to_owned(), ..sighting(waited, BUILD) };
        assert!(!scans(vec![vec![row(10)], vec![row(30)]]));
    }

    #[test]
    fn many_waits_behind_one_statement_are_one_episode() {
        let another = Sighting { waiting_since: Some(100.03), ..sighting(40, BUILD) };
        let looks = vec![vec![sighting(10, BUILD)], vec![another], vec![]];
        let episode = only(&watched(looks));
        assert_eq!((episode.waits, episode.at_least_ms), (2, 10));
    }
}
