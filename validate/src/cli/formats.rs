//! Phases and formats as clap takes them.

use std::ffi::OsStr;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

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

/// Reads the phase of a gate. Phase 1.5 is one of the rollout's, but has none.
#[derive(Debug, Clone, Copy)]
pub(super) struct GatePhase;

fn no_gate(_: &str) -> Result<Phase, &'static str> {
    Err(
        "phase 1.5 has no gate of its own: the guard is checked by `validate --phase 3 --only 'guard/*'`",
    )
}

impl TypedValueParser for GatePhase {
    type Value = Phase;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Phase, clap::Error> {
        if value == "1.5" {
            return no_gate.parse_ref(command, argument, value);
        }
        EnumValueParser::<Phase>::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = Phase::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        Some(Box::new(values))
    }
}
