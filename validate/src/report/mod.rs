//! What the gate found, in the formats it is wanted in. One format, one file.

mod github;
mod json;
mod junit;
mod output;
mod sarif;
mod summary;
mod text;
mod words;

use std::fmt::Display;

use crate::gate::Report;
pub use output::{Output, OutputError};
pub use summary::summary;

/// A format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One document, for programs.
    Json,
    /// `JUnit` XML, for test reports.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, for annotations on GitHub.
    Github,
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
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Junit, Self::Sarif, Self::Github];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Text => "For people",
            Self::Json => "One document, for programs",
            Self::Junit => "JUnit XML, for test reports",
            Self::Sarif => "SARIF 2.1.0, for code scanning",
            Self::Github => "Workflow commands, for annotations (and the step's summary) on GitHub",
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
            Self::Json => json::render(report).map_err(|error| self.error(&error)),
            Self::Junit => junit::render(report).map_err(|error| self.error(&error)),
            Self::Sarif => sarif::render(report).map_err(|error| self.error(&error)),
            Self::Github => Ok(github::render(report)),
        }
    }

    fn error(self, reason: &dyn Display) -> RenderError {
        RenderError { format: self, reason: reason.to_string() }
    }
}
