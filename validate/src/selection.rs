//! Which checks are asked: those of a phase, or only some of them.

use crate::check::{Check, Phase};

/// How many ids are offered in place of one that is none.
const NEAR: usize = 3;

/// Which checks are asked.
#[derive(Debug, Clone)]
pub struct Selection {
    phase: Phase,
    only: Vec<String>,
}

/// A pattern that selects no check of the phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The pattern.
    pub pattern: String,
    /// A phase whose gate does ask what it names.
    pub asked_in: Option<Phase>,
    /// Ids that look like it.
    pub near: Vec<String>,
}

impl Selection {
    /// Everything the gate of this phase asks.
    #[must_use]
    pub fn phase(phase: Phase) -> Self {
        Self { phase, only: Vec::new() }
    }

    /// Everything about rows: the gate of phase 2.
    #[must_use]
    pub fn data() -> Self {
        Self::phase(Phase::Two)
    }

    /// Of these, only the checks with one of these ids; a trailing `*` matches any ending. No
    /// ids: all of them.
    #[must_use]
    pub fn only(mut self, ids: Vec<String>) -> Self {
        self.only = ids;
        self
    }

    /// The phase whose gate it is.
    #[must_use]
    pub fn of_phase(&self) -> Phase {
        self.phase
    }

    /// The checks selected, in their order.
    ///
    /// # Errors
    /// The first pattern that selects none: whoever names a check wants to be sure it was asked.
    pub fn of(&self, checks: Vec<Check>) -> Result<Vec<Check>, Unmatched> {
        for pattern in &self.only {
            let mut matching = checks.iter().filter(|check| matches(pattern, &check.id));
            if !matching.any(|check| check.phases().contains(&self.phase)) {
                return Err(unmatched(pattern, &checks));
            }
        }
        let is_selected = |check: &Check| {
            check.phases().contains(&self.phase)
                && (self.only.is_empty() || self.only.iter().any(|p| matches(p, &check.id)))
        };
        Ok(checks.into_iter().filter(is_selected).collect())
    }
}

/// Whether an id is meant by a pattern.
#[must_use]
pub fn matches(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => id.starts_with(beginning),
        None => id == pattern,
    }
}

/// What to say of a pattern that selects none of the checks.
#[must_use]
pub fn unmatched(pattern: &str, checks: &[Check]) -> Unmatched {
    let elsewhere = checks.iter().find(|check| matches(pattern, &check.id));
    let mut near: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
    near.sort_by_key(|id| std::cmp::Reverse(likeness(pattern, id)));
    Unmatched {
        pattern: pattern.to_owned(),
        asked_in: elsewhere.and_then(|check| check.phases().first().copied()),
        near: near.into_iter().take(NEAR).map(ToOwned::to_owned).collect(),
    }
}

/// How much two ids share at their beginnings and their ends.
fn likeness(one: &str, other: &str) -> usize {
    let beginning = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    let end = one.chars().rev().zip(other.chars().rev());
    beginning.count() + end.take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::registry;
    use crate::fixture;

    fn selected(selection: &Selection) -> Result<Vec<String>, Unmatched> {
        let checks = selection.of(registry(&fixture::scope()))?;
        Ok(checks.into_iter().map(|check| check.id).collect())
    }

    #[test]
    fn a_trailing_star_matches_any_ending() {
        let only = vec!["orphan/*".to_owned(), "audit/audit_logs".to_owned()];
        let ids = selected(&Selection::data().only(only));
        assert_eq!(ids, Ok(vec!["orphan/policies".to_owned(), "audit/audit_logs".to_owned()]));
        assert!(!matches("*x", "missing/x"));
        assert!(matches("*", "missing/x"));
    }

    #[test]
    fn an_id_of_another_phase_is_not_skipped_in_silence() {
        let only = vec!["missing/*".to_owned(), "not-null/policies".to_owned()];
        let refused = selected(&Selection::data().only(only));
        let refused = refused.err().map(|u| (u.pattern, u.asked_in));
        let expected = ("not-null/policies".to_owned(), Some(Phase::Three));
        assert_eq!(refused, Some(expected));
    }

    #[test]
    fn a_mistyped_id_is_answered_with_near_ones() {
        let refused = selected(&Selection::data().only(vec!["missing/polices".to_owned()]));
        let refused = refused.err().map(|u| (u.asked_in, u.near));
        let near = ["missing/policies", "mismatch/policies", "column/policies"];
        let near = near.map(ToOwned::to_owned).to_vec();
        assert_eq!(refused, Some((None, near)));
    }
}
