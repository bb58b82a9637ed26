//! The preflight: what could make a step fail, or hurt, is found before anything is changed.
//!
//! One file a check. Each reads its facts with one statement, which takes no lock on any table and
//! changes nothing, and judges them without the database. A fact that the role may not see is a
//! finding too, with the right to grant: silence would say that all is well. Only what is about to
//! be run matters: where no statement is due there is nothing to find.
//!
//! What becomes of the findings (shown by `plan`, warned of or refused by `up` and `down`) is for
//! the runner and the command line.

mod dependents;
mod disk_room;
mod due;
mod facts;
mod long_transaction;
mod prepared_transaction;
pub(crate) mod privileges;
mod publication;
mod replication_slot;
mod size;
mod volume;
mod wraparound;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use isolation::catalog::Catalog;
use isolation::names::quoted;
use isolation::scope::Scope;
use isolation::session::sqlstate::{Fault, in_words};
use isolation::session::{Session, SessionError};
use sea_orm::DbErr;
use serde::{Serialize, Serializer};

use crate::statement::Statement;
use due::Due;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The server takes no writes.
    Standby,
    /// The role lacks a right.
    Privileges,
    /// What others have built on what is to be dropped.
    Dependents,
    /// A prepared transaction.
    PreparedTransaction,
    /// A VACUUM against wraparound, which gives way to nobody.
    WraparoundVacuum,
    /// The volumes that the indexes and their write-ahead log go to.
    DiskRoom,
    /// A transaction that has been open for long.
    LongTransaction,
    /// A table on which a VACUUM against wraparound may begin at any time.
    WraparoundNear,
    /// A publication of a table that is to get a column.
    Publication,
    /// A replication slot that holds back what the server would like to throw away.
    ReplicationSlot,
}

/// What a finding means for the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A step would fail, or not end.
    Stops,
    /// The steps can be carried out, at a price.
    Warns,
    /// It could not be seen.
    Unknown,
}

/// Something found, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked for.
    #[serde(rename = "id")]
    pub check: Check,
    /// What it means for the steps.
    pub severity: Severity,
    /// The table it is about, where it is about one.
    pub table: Option<String>,
    /// What was found, on one line.
    pub detail: String,
    /// What to do about it, on one line.
    pub remedy: String,
}

/// How the preflight goes about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Transactions that are open for longer are findings.
    pub long_transaction: Duration,
    /// Findings that would stop a change and are to be passed over.
    pub despite: Vec<Check>,
}

/// How long a transaction may be open, unless asked otherwise.
pub const LONG_TRANSACTION: Duration = Duration::from_secs(30);

impl Default for Options {
    fn default() -> Self {
        Self { long_transaction: LONG_TRANSACTION, despite: Vec::new() }
    }
}

/// Looks for everything that bears on the statements due: the worst first.
///
/// # Errors
/// [`SessionError`] where the server is gone. Anything else that cannot be read is a finding.
pub async fn look(
    session: &Session,
    catalog: &Catalog,
    scope: &Scope,
    statements: &[Statement],
    options: &Options,
) -> Result<Vec<Finding>, SessionError> {
    if statements.is_empty() {
        return Ok(Vec::new());
    }
    if catalog.in_recovery {
        // Whatever else is found here is about the wrong server.
        return Ok(vec![privileges::standby()]);
    }
    let (db, due) = (session.db(), Due::of(statements, catalog));
    let room = disk_room::Builds::of(statements, catalog, scope);
    let drops = dependents::Drops::of(statements);
    let growing = publication::growing(statements);
    let longest = options.long_transaction;
    let looks = [
        (Check::Dependents, dependents::look(db, &drops, &due).await),
        (Check::PreparedTransaction, prepared_transaction::look(db, &due).await),
        (Check::WraparoundVacuum, wraparound::look(db, &due).await),
        (Check::DiskRoom, disk_room::look(db, &room).await),
        (Check::LongTransaction, long_transaction::look(db, &due, longest).await),
        (Check::Publication, publication::look(db, &growing, &due).await),
        (Check::ReplicationSlot, replication_slot::look(db).await),
    ];
    let mut findings = privileges::findings(catalog, scope);
    for (check, outcome) in looks {
        match outcome {
            Ok(found) => findings.extend(found),
            Err(error) if Fault::of(&error) == Fault::ConnectionLost => return Err(error.into()),
            Err(error) => findings.push(check.unseen(&catalog.role, &error)),
        }
    }
    findings.sort_by_key(|finding| (finding.severity, finding.check));
    Ok(findings)
}

impl Check {
    const ALL: [Self; 10] = [
        Self::Standby,
        Self::Privileges,
        Self::Dependents,
        Self::PreparedTransaction,
        Self::WraparoundVacuum,
        Self::DiskRoom,
        Self::LongTransaction,
        Self::WraparoundNear,
        Self::Publication,
        Self::ReplicationSlot,
    ];

    /// Those that may stop a change, and that somebody who knows better may pass over. Without a
    /// right, on a standby, or where DROP is refused, there is nothing to know better.
    const PASSABLE: [Self; 3] = [Self::PreparedTransaction, Self::WraparoundVacuum, Self::DiskRoom];

    pub(crate) fn is_passable(self) -> bool {
        Self::PASSABLE.contains(&self)
    }

    /// Its name for people and programs.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Privileges => "privileges",
            Self::Dependents => "dependents",
            Self::PreparedTransaction => "prepared-transaction",
            Self::WraparoundVacuum => "wraparound-vacuum",
            Self::DiskRoom => "disk-room",
            Self::LongTransaction => "long-transaction",
            Self::WraparoundNear => "wraparound-near",
            Self::Publication => "publication",
            Self::ReplicationSlot => "replication-slot",
        }
    }

    /// The views it reads, which a server's owner may have closed to the public.
    fn views(self) -> &'static str {
        match self {
            Self::Standby | Self::Privileges => "pg_class",
            Self::Dependents => "pg_depend, pg_constraint, pg_trigger",
            Self::PreparedTransaction => "pg_prepared_xacts, pg_locks",
            Self::WraparoundVacuum | Self::WraparoundNear => {
                "pg_stat_activity, pg_stat_progress_vacuum, pg_locks"
            }
            Self::DiskRoom => "pg_settings",
            Self::LongTransaction => "pg_stat_activity, pg_locks",
            Self::Publication => "pg_publication_tables",
            Self::ReplicationSlot => "pg_replication_slots",
        }
    }

    fn unseen(self, role: &str, error: &DbErr) -> Finding {
        let remedy = match Fault::of(error) {
            Fault::Privilege => format!("GRANT SELECT ON {} TO {}", self.views(), quoted(role)),
            Fault::LockUnavailable
            | Fault::ConnectionLost
            | Fault::ReadOnly
            | Fault::Canceled
            | Fault::Duplicate
            | Fault::Integrity
            | Fault::Other => format!("look at {} yourself before you begin", self.views()),
        };
        let detail = format!("it could not be looked for: {}", in_words(error));
        Finding::new(self, Severity::Unknown, None, &detail, &remedy)
    }
}

impl FromStr for Check {
    type Err = String;

    /// Reads the name of a check that may be passed over.
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::PASSABLE.map(Self::id).join(", ");
        match Self::ALL.into_iter().find(|check| check.id() == text) {
            Some(check) if check.is_passable() => Ok(check),
            Some(Self::Standby | Self::Privileges | Self::Dependents) => {
                Err(format!("nothing can be done despite it; what can be passed over is {known}"))
            }
            Some(_) => Err(format!("it stops nothing; what can be passed over is {known}")),
            None => Err(format!("what can be passed over is {known}")),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stops => "stops",
            Self::Warns => "warns",
            Self::Unknown => "unknown",
        })
    }
}

impl Finding {
    fn new(
        check: Check,
        severity: Severity,
        table: Option<&str>,
        detail: &str,
        remedy: &str,
    ) -> Self {
        Self {
            check,
            severity,
            table: table.map(str::to_owned),
            detail: on_one_line(detail),
            remedy: on_one_line(remedy),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.check, self.detail, self.remedy)
    }
}

/// Without line breaks and what else steers a terminal or ends a comment of SQL: a prepared
/// transaction may be called anything.
fn on_one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stops_and_can_be_known_better_may_be_passed_over() {
        let passable: Vec<_> =
            Check::ALL.into_iter().filter(|check| check.id().parse::<Check>().is_ok()).collect();
        assert_eq!(passable, Check::PASSABLE);
        let known = "what can be passed over is prepared-transaction, wraparound-vacuum, disk-room";
        assert_eq!("gremlins".parse::<Check>(), Err(known.to_owned()));
        for refused in ["standby", "privileges", "dependents", "publication", "replication-slot"] {
            let why = refused.parse::<Check>().err();
            assert!(why.is_some_and(|why| why.ends_with(known)), "{refused}");
        }
    }

    #[test]
    fn a_finding_is_one_line_whatever_it_names() {
        let detail = "prepared transaction 'x\nDROP TABLE policies;\r\u{1b}[2J'";
        let finding = Finding::new(Check::DiskRoom, Severity::Stops, None, detail, "wait\n");
        assert_eq!(
            finding.to_string(),
            "disk-room: prepared transaction 'x DROP TABLE policies;  [2J'; wait "
        );
    }
}
