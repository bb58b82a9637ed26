//! Ranges: the blocks of a relation, cut into pieces that workers claim one by one.
//!
//! Blocks rather than keys, because every table has them: uuid, text and composite keys, tables
//! without a key, and partitions are all the same, and a page is visited once, in order.

/// At least this many blocks (1 MiB): less would be mostly bookkeeping.
const SMALLEST: i64 = 128;
/// At most this many blocks (1 GiB): what a worker that dies leaves to others stays small.
const LARGEST: i64 = 131_072;
/// How many pieces a relation of middling size is cut into.
const PIECES: i64 = 256;

/// Blocks `first` to `end`, `end` left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) end: i64,
}

impl Span {
    pub(crate) fn blocks(self) -> i64 {
        (self.end - self.first).max(0)
    }

    /// Cuts it into the ranges that workers claim: in order, without gap or overlap.
    pub(crate) fn ranges(self) -> impl Iterator<Item = Self> {
        let size = range_size(self.blocks());
        let mut next = self.first;
        std::iter::from_fn(move || {
            if next >= self.end {
                return None;
            }
            let first = next;
            next = next.saturating_add(size).min(self.end);
            Some(Self { first, end: next })
        })
    }
}

/// How many blocks a range has, of a relation that has this many.
fn range_size(blocks: i64) -> i64 {
    (blocks / PIECES).clamp(SMALLEST, LARGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_follow_the_relation() {
        let sizes = [0, 1, 10_000, 100_000, 10_000_000, 4_294_967_294].map(range_size);
        assert_eq!(sizes, [128, 128, 128, 390, 39_062, 131_072]);
    }

    #[test]
    fn nothing_has_no_ranges() {
        assert_eq!(Span { first: 7, end: 7 }.ranges().count(), 0);
        assert_eq!(Span { first: 8, end: 7 }.ranges().count(), 0);
    }

    proptest! {
        #[test]
        fn ranges_join_without_gap_or_overlap(first in 0_i64..4_000_000_000, blocks in 1_i64..200_000_000) {
            let whole = Span { first, end: first + blocks };
            let mut next = first;
            for range in whole.ranges() {
                prop_assert_eq!(range.first, next);
                prop_assert!(range.end > range.first);
                prop_assert!(range.blocks() <= LARGEST);
                next = range.end;
            }
            prop_assert_eq!(next, whole.end);
        }
    }
}
