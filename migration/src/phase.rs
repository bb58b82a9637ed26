//! The phases that are migrations. Phase 2 is the backfill, between 1.5 and 3.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A phase of the rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// 1: nullable columns and indexes.
    Columns,
    /// 1.5: the write guard.
    Guard,
    /// 3: NOT NULL, foreign keys, the audit tables' check.
    Constraints,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Columns, Self::Guard, Self::Constraints];

    /// The number people use.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::Columns => "1",
            Self::Guard => "1.5",
            Self::Constraints => "3",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

impl FromStr for Phase {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "1" => Ok(Self::Columns),
            "1.5" => Ok(Self::Guard),
            "3" => Ok(Self::Constraints),
            "2" => Err("phase 2 is the backfill: type `backfill run`".to_owned()),
            _ => Err("the phases of a migration are 1, 1.5 and 3".to_owned()),
        }
    }
}

impl Phase {
    /// Reads a phase to be taken back: whoever goes back is not told to go forward.
    ///
    /// # Errors
    /// A message for the one who typed it.
    pub(crate) fn to_take_back(text: &str) -> Result<Self, String> {
        Self::read(
            text,
            "phase 2 is the backfill, which has nothing to take back: what comes before it goes \
             with `migration down --phase 1.5`",
        )
    }

    /// Reads a phase to be planned.
    ///
    /// # Errors
    /// A message for the one who typed it.
    pub(crate) fn to_plan(text: &str) -> Result<Self, String> {
        Self::read(text, "phase 2 is the backfill: what it will do says `backfill run --dry-run`")
    }

    fn read(text: &str, of_phase_2: &str) -> Result<Self, String> {
        if text == "2" { Err(of_phase_2.to_owned()) } else { text.parse() }
    }
}

impl Serialize for Phase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.number())
    }
}
