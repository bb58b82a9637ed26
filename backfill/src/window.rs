//! Windows: how many pages of a range one batch looks at.
//!
//! A window should hold about as many unbound rows as a batch may bind. Too wide, and its pages
//! are read twice; too narrow, and every batch is mostly overhead. How many rows a page holds is
//! known from the count that planned the range, and the walk corrects it as it goes.

use crate::range::Span;

/// The widest window (64 MiB): a batch that finds nothing still ends soon.
const WIDEST: i64 = 8_192;

/// A walk through the blocks of a range, window by window.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    next: i64,
    end: i64,
    width: i64,
    batch_size: i64,
}

impl Walk {
    /// Starts at the range's checkpoint. `rows_per_page` is what the plan counted.
    pub(crate) fn new(remaining: Span, rows_per_page: f64, batch_size: i64) -> Self {
        Self {
            next: remaining.first,
            end: remaining.end,
            width: width_for(rows_per_page, batch_size),
            batch_size,
        }
    }

    /// The pages of the next batch; none when the walk is over.
    pub(crate) fn window(&self) -> Option<Span> {
        let end = self.next.saturating_add(self.width).min(self.end);
        (self.next < end).then_some(Span { first: self.next, end })
    }

    /// Where the checkpoint goes after a batch that found this many candidates in the window:
    /// a batch that was full may have left some, so that the same window is looked at again.
    pub(crate) fn checkpoint_after(&self, candidates: i64) -> i64 {
        match self.window() {
            Some(window) if candidates < self.batch_size => window.end,
            Some(window) => window.first,
            None => self.end,
        }
    }

    /// Takes note of a batch that committed.
    pub(crate) fn advance(&mut self, candidates: i64) {
        self.next = self.checkpoint_after(candidates);
        if candidates >= self.batch_size {
            self.width = (self.width / 2).max(1);
        } else if candidates.saturating_mul(2) < self.batch_size {
            self.width = self.width.saturating_mul(2).min(WIDEST);
        }
    }

    pub(crate) fn checkpoint(&self) -> i64 {
        self.next
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a first guess, clamped: its digits do not matter"
)]
fn width_for(rows_per_page: f64, batch_size: i64) -> i64 {
    if rows_per_page > 0.0 {
        // A little less than a full batch, so that an uneven page does not make it two.
        ((batch_size as f64 * 0.9 / rows_per_page) as i64).clamp(1, WIDEST)
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(blocks: i64, rows_per_page: f64, batch_size: i64) -> Walk {
        Walk::new(Span { first: 0, end: blocks }, rows_per_page, batch_size)
    }

    #[test]
    fn a_window_holds_about_a_batch() {
        assert_eq!(walk(1000, 45.0, 5000).window(), Some(Span { first: 0, end: 100 }));
        assert_eq!(walk(1000, 45.0, 1).window(), Some(Span { first: 0, end: 1 }));
        assert_eq!(walk(50, 45.0, 5000).window(), Some(Span { first: 0, end: 50 }));
        assert_eq!(walk(0, 45.0, 5000).window(), None);
    }

    #[test]
    fn a_full_batch_looks_again_and_narrows() {
        let mut walk = walk(1000, 45.0, 5000);
        walk.advance(5000);
        assert_eq!(walk.window(), Some(Span { first: 0, end: 50 }));
        walk.advance(3000);
        assert_eq!(walk.window(), Some(Span { first: 50, end: 100 }));
    }

    #[test]
    fn pages_with_little_left_are_passed_quickly() {
        let mut walk = walk(100_000, 45.0, 5000);
        for _ in 0..10 {
            walk.advance(0);
        }
        assert_eq!(walk.window().map(Span::blocks), Some(WIDEST));
    }

    proptest! {
        #[test]
        fn a_walk_visits_every_block_once_and_ends(
            blocks in 0_i64..100_000,
            rows_per_page in 0.0_f64..300.0,
            batch_size in 1_i64..20_000,
            found in prop::collection::vec(0_i64..20_000, 1..50),
        ) {
            let mut walk = walk(blocks, rows_per_page, batch_size);
            let mut expected = 0;
            let mut steps = 0;
            while let Some(window) = walk.window() {
                prop_assert_eq!(window.first, expected);
                prop_assert!(window.blocks() >= 1 && window.end <= blocks);
                // Every second batch is not full: rows run out.
                let candidates = if steps % 2 == 0 { found[steps / 2 % found.len()].min(batch_size) } else { 0 };
                if candidates < batch_size {
                    expected = window.end;
                }
                walk.advance(candidates);
                steps += 1;
                prop_assert!(steps < 300_000);
            }
            prop_assert_eq!(expected, blocks);
        }
    }
}
