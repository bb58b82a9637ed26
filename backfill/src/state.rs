//! The states of a backfill and the ways between them.
//!
//! ```text
//!            pause                     every range done, nothing left
//!  running ─────────► paused         ┌──────────────► succeeded
//!     ▲ │  ◄───────── (resume)       │ rows that cannot be resolved
//!     │ └────────────────────────────┼──────────────► partially_succeeded
//!     │                              │ rows keep arriving unbound
//!     │                              └──────────────► failed
//!     └── cancel (from running or paused) ──────────► cancelled
//! ```
//!
//! At most one backfill of a database is unfinished; a partial unique index sees to that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a backfill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Workers may claim its ranges.
    Running,
    /// Workers leave it alone until it is resumed.
    Paused,
    /// Every row in its scope is bound.
    Succeeded,
    /// All that could be bound is; some rows have no workspace to be bound to.
    PartiallySucceeded,
    /// Rows kept arriving without a workspace.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// What people ask of a backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Stop at the next batch boundary, everywhere.
    Pause,
    /// Go on.
    Resume,
    /// End it.
    Cancel,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Running,
        Self::Paused,
        Self::Succeeded,
        Self::PartiallySucceeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As the database and the JSON documents spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::PartiallySucceeded => "partially_succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it has ended for good.
    #[must_use]
    pub fn is_finished(self) -> bool {
        match self {
            Self::Running | Self::Paused => false,
            Self::Succeeded | Self::PartiallySucceeded | Self::Failed | Self::Cancelled => true,
        }
    }

    /// Where a request leads from here; none where it makes no sense.
    #[must_use]
    pub fn after(self, request: Request) -> Option<Self> {
        match (self, request) {
            (Self::Running, Request::Pause) => Some(Self::Paused),
            (Self::Paused, Request::Resume) => Some(Self::Running),
            (Self::Running | Self::Paused, Request::Cancel) => Some(Self::Cancelled),
            (Self::Running, Request::Resume)
            | (Self::Paused, Request::Pause)
            | (
                Self::Succeeded | Self::PartiallySucceeded | Self::Failed | Self::Cancelled,
                Request::Pause | Request::Resume | Request::Cancel,
            ) => None,
        }
    }

    /// The status of this spelling.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Request {
    /// As the command is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_lead_where_the_drawing_says() {
        let requests = [Request::Pause, Request::Resume, Request::Cancel];
        let table: Vec<_> = Status::ALL
            .iter()
            .map(|from| {
                let row = requests.map(|request| from.after(request).map_or("-", Status::as_str));
                format!("{from:<20} {}", row.join(" "))
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"), @r"
        running paused - cancelled
        paused - running cancelled
        succeeded - - -
        partially_succeeded - - -
        failed - - -
        cancelled - - -
        ");
    }

    #[test]
    fn spellings_go_both_ways() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
            let json = serde_json::to_string(&status).unwrap_or_default();
            assert_eq!(json, format!("\"{status}\""));
        }
        assert_eq!(Status::parse("done"), None);
    }
}
