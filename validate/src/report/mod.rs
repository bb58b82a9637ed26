//! What the gate found, in the formats it is wanted in. One format, one file.

mod json;
mod output;
mod text;

use crate::gate::Report;
pub use output::{Output, OutputError};

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One document, for programs.
    Json,
}

/// A report that has no such form.
#[derive(Debug, thiserror::Error)]
#[error("write the report as {}: {reason}", format.name())]
pub struct RenderError {
    /// The format.
    pub format: Format,
    /// Why.
    pub reason: String,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Text => "For people",
            Self::Json => "One document, for programs",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The report in this format.
    ///
    /// # Errors
    /// [`RenderError`] for a report that has no such form.
    pub fn render(self, report: &Report) -> Result<String, RenderError> {
        match self {
            Self::Text => Ok(text::render(report)),
            Self::Json => json::render(report)
                .map_err(|error| RenderError { format: self, reason: error.to_string() }),
        }
    }
}
