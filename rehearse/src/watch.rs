//! Watches, from a connection of its own, which sessions of the application wait behind which sessions
//! of the toolkit: for a lock that one of them holds, or in a queue that one of them is ahead in,
//! directly or behind somebody who does.
//!
//! Latencies say that requests waited, this says for whom, and whether it was for a moment or for as
//! long as a table takes to be read. It looks every few milliseconds; what is shorter can escape it.

mod episode;
mod scan;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, FromQueryResult as _};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

pub use episode::Episode;
use episode::{Ledger, Sighting};

use crate::traffic::APPLICATION;

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(15);

/// What every session of the toolkit calls itself to begin with.
const OURS: &str = "workspace-isolation ";

const LOOK: &str = include_str!("watch/look.sql");

/// What a watch saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Watched {
    /// What the application waited for, by step, session and statement.
    pub episodes: Vec<Episode>,
    /// How often it looked.
    pub looks: u64,
    /// The longest time from one look to the end of the next, in milliseconds: that much shorter than
    /// [`Episode::at_most_ms`] may a wait have been.
    pub longest_gap_ms: u64,
}

impl Watched {
    /// The longest wait of a step, in milliseconds; none where nobody was seen waiting.
    #[must_use]
    pub fn longest_ms(&self, step: &str) -> Option<u64> {
        let episodes = self.episodes.iter().filter(|episode| episode.step == step);
        episodes.map(|episode| episode.at_most_ms).max()
    }

    /// What was waited for while a statement of ours read a whole table under its lock.
    pub fn scans(&self) -> impl Iterator<Item = &Episode> {
        self.episodes.iter().filter(|episode| episode.scans)
    }
}

/// Why there is nothing to see. Messages read after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The database can't be reached.
    #[error("connect to watch the locks")]
    Connect(#[source] DbErr),
    /// The locks can't be read.
    #[error("watch the locks")]
    Look(#[source] DbErr),
    /// The watch broke down.
    #[error("keep watching the locks")]
    BrokeDown(#[source] tokio::task::JoinError),
}

/// A running watch. Dropping it ends it.
#[derive(Debug)]
pub struct Watch {
    ledger: Arc<Mutex<Ledger>>,
    began: Instant,
    stopping: watch::Sender<bool>,
    looking: JoinHandle<Result<(), WatchError>>,
}

impl Watch {
    /// Connects and begins to look. What it sees is noted under `first_step`.
    ///
    /// # Errors
    ///
    /// The database can't be reached, or won't show its locks.
    pub async fn start(url: &str, first_step: &str) -> Result<Self, WatchError> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false).set_application_name("watch of the locks");
        let connection = Database::connect(options).await.map_err(WatchError::Connect)?;
        look(&connection).await?;
        let ledger = Arc::new(Mutex::new(Ledger::new(first_step)));
        let began = Instant::now();
        let (stopping, stopped) = watch::channel(false);
        let looking = tokio::spawn(keep_looking(connection, Arc::clone(&ledger), began, stopped));
        Ok(Self { ledger, began, stopping, looking })
    }

    /// What begins to wait from now on is noted under this step.
    pub fn step(&self, name: &str) {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).step(name);
    }

    /// Ends it and tells what it saw.
    ///
    /// # Errors
    ///
    /// It could not look to the end, so that what it saw is not all.
    pub async fn stop(self) -> Result<Watched, WatchError> {
        self.stopping.send_replace(true);
        self.looking.await.map_err(WatchError::BrokeDown)??;
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *ledger).finish(self.began.elapsed()))
    }
}

async fn keep_looking(
    connection: DatabaseConnection,
    ledger: Arc<Mutex<Ledger>>,
    began: Instant,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), WatchError> {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // The sender going away means stop, too.
            _ = stopped.wait_for(|stop| *stop) => break,
            _ = ticks.tick() => {}
        }
        let asked = began.elapsed();
        let sightings = look(&connection).await?;
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.look(sightings, asked, began.elapsed());
    }
    connection.close().await.map_err(WatchError::Look)
}

async fn look(connection: &DatabaseConnection) -> Result<Vec<Sighting>, WatchError> {
    let values = [APPLICATION.into(), OURS.into()];
    let statement = isolation::session::statement(LOOK, values);
    Sighting::find_by_statement(statement).all(connection).await.map_err(WatchError::Look)
}
