//! Phases and formats as clap takes them.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::check::Phase;
use crate::report::Format;

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}

impl ValueEnum for Phase {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, asks) = match self {
            Self::One => ("1", "Columns and indexes stand"),
            Self::Two => ("2", "Every row is bound"),
            Self::Three => ("3", "Everything, guard, keys and constraints included"),
        };
        Some(PossibleValue::new(name).help(asks))
    }
}
