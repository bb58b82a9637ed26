//! The kinds of checks: which phase asks them, why they matter, and which command mends them.

use serde::{Serialize, Serializer};

/// A phase with a gate at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Columns and indexes stand.
    One,
    /// Every row is bound.
    Two,
    /// The database itself sees to it.
    Three,
}

impl Phase {
    /// The phases in order.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}

impl Serialize for Phase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

/// What a check asks, in the order in which failures are to be mended: the backfill stops at
/// orphans, and what nobody can decide but people may take its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The workspace column stands, of the right type.
    Column,
    /// The index of phase 1 stands and is valid.
    Index,
    /// No row whose tenant is missing, or has no workspace.
    Orphan,
    /// No row without a workspace.
    Missing,
    /// No audit row with a tenant and without a workspace.
    Audit,
    /// No row with another workspace than its tenant's.
    Mismatch,
    /// The write guard's triggers stand, fire, and are ours.
    Guard,
    /// The workspace column is NOT NULL.
    NotNull,
    /// The key to the workspaces stands and is validated.
    ForeignKey,
    /// The composite key to the tenants stands and is validated.
    CompositeKey,
    /// The audit table's CHECK stands and is validated.
    RequiredCheck,
}

impl Kind {
    /// The first half of a check's id.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::Index => "index",
            Self::Missing => "missing",
            Self::Mismatch => "mismatch",
            Self::Orphan => "orphan",
            Self::Audit => "audit",
            Self::Guard => "guard",
            Self::NotNull => "not-null",
            Self::ForeignKey => "foreign-key",
            Self::CompositeKey => "composite-key",
            Self::RequiredCheck => "check",
        }
    }

    /// The phases whose gate asks it.
    #[must_use]
    pub fn phases(self) -> &'static [Phase] {
        match self {
            Self::Column | Self::Index => &[Phase::One, Phase::Three],
            Self::Missing | Self::Mismatch | Self::Orphan | Self::Audit => {
                &[Phase::Two, Phase::Three]
            }
            Self::Guard
            | Self::NotNull
            | Self::ForeignKey
            | Self::CompositeKey
            | Self::RequiredCheck => &[Phase::Three],
        }
    }

    /// Whether it can only be asked of a table that has its workspace column.
    #[must_use]
    pub fn reads_workspace_column(self) -> bool {
        matches!(self, Self::Missing | Self::Mismatch | Self::Audit)
    }

    /// The command that mends it; none where a person has to decide.
    #[must_use]
    pub fn command(self) -> Option<&'static str> {
        match self {
            Self::Column | Self::Index => Some("migration up --phase 1"),
            Self::Missing | Self::Audit => Some("backfill run"),
            Self::Mismatch | Self::Orphan => None,
            Self::Guard => Some("migration up --phase 1.5"),
            Self::NotNull | Self::ForeignKey | Self::CompositeKey | Self::RequiredCheck => {
                Some("migration up --phase 3")
            }
        }
    }

    /// Why it matters.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Column => {
                "Without the column a row cannot say which workspace owns it, and a column of \
                 another type could not refer to the workspaces."
            }
            Self::Index => {
                "Queries of one workspace read through the workspace index; without it every one \
                 of them reads the whole table. The tenants' unique index is what the composite \
                 keys of phase 3 refer to. An index that is not valid serves neither."
            }
            Self::Missing => {
                "A row without a workspace belongs to nobody: a query that asks by workspace \
                 never finds it, and NOT NULL cannot be set while it is there."
            }
            Self::Mismatch => {
                "A row that names another workspace than its tenant does shows one customer's \
                 data to another. Either the row's workspace or its tenant is wrong; the database \
                 cannot know which, so no command corrects it by itself."
            }
            Self::Orphan => {
                "The workspace of a row is that of its tenant. Where there is no such tenant, or \
                 no workspace has claimed it, there is nothing to derive it from: the backfill \
                 stops at such rows, and the keys of phase 3 cannot stand."
            }
            Self::Audit => {
                "An audit row of a tenant must be found in the trail of the workspace that owns \
                 it. Rows without a tenant are the system's own and need none."
            }
            Self::Guard => {
                "Between the backfill and the keys of phase 3 only the write guard keeps new rows \
                 bound. A trigger that is missing, disabled or changed lets wrong rows in unseen."
            }
            Self::NotNull => {
                "A composite key with a NULL in it checks nothing (MATCH SIMPLE): without NOT \
                 NULL an unbound row slips past both keys."
            }
            Self::ForeignKey => {
                "Without the key a row can name a workspace that does not exist. A key that is \
                 not validated says nothing of the rows that were there before it."
            }
            Self::CompositeKey => {
                "Only the composite key makes a row's workspace that of its tenant, for good. A \
                 key that is not validated says nothing of the rows that were there before it."
            }
            Self::RequiredCheck => {
                "The constraint keeps the audit trail bound after the rollout. One that is not \
                 validated says nothing of the rows that were there before it."
            }
        }
    }
}
