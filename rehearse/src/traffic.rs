//! The application, played by a few clients while the rollout runs.
//!
//! They read and write every table, in single statements and in transactions. They speak the SQL of
//! the *old* code, which has never heard of `workspace_id` on the tenant-owned tables, and when told so
//! that of the *new* code as well, which writes it: if either stops working, or stands still, at some
//! step of the rollout, that is what the rehearsal is there to find out. What each statement took is
//! recorded under the step it began in.

mod client;
mod code;
mod holder;
mod recorder;
mod sample;
mod statements;
mod tables;
mod transactions;
mod voice;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use tokio::sync::watch;
use tokio::task::JoinSet;

use client::Client;
pub use code::Deployed;
use code::Deployment;
use holder::Held;
use recorder::Recorder;
pub use recorder::{StepSummary, TrafficSummary};
use sample::Sample;
use voice::Voice;

/// What the application calls itself on the server.
pub const APPLICATION: &str = "tenantatlas";

/// How busy the application is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrafficOptions {
    /// How many clients, each with a connection of its own and one statement at a time. Many of them
    /// waiting for the same lock is how a standstill shows.
    pub clients: u32,
    /// How often all of them together do something in a second, as long as none has to wait: send a
    /// statement in most cases, a transaction of a few in the others.
    pub statements_per_second: u32,
    /// A table that every other thing they do is about, by its name; `None`: all tables alike.
    pub favourite: Option<&'static str>,
    /// What the clients choose by. The same seed gives each client the same sequence of choices.
    pub seed: u64,
    /// When the application gives a statement up.
    pub statement_timeout: Duration,
}

impl Default for TrafficOptions {
    fn default() -> Self {
        Self {
            clients: 8,
            statements_per_second: 200,
            favourite: None,
            seed: 0,
            statement_timeout: Duration::from_secs(30),
        }
    }
}

impl TrafficOptions {
    /// The time from one statement of a client to its next.
    fn period(&self) -> Duration {
        Duration::from_secs(1) * self.clients.max(1) / self.statements_per_second.max(1)
    }
}

/// Why there is no traffic. Messages read after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// The database can't be reached.
    #[error("connect as the application")]
    Connect(#[source] DbErr),
    /// What the clients work on could not be read.
    #[error("read what the application's users work on")]
    Sample(#[source] DbErr),
    /// There is nothing they could work on.
    #[error("find rows for the application's users to work on: load the pre-rollout data first")]
    NoData,
    /// The latencies can't be kept.
    #[error("set up the record of latencies")]
    Record(#[from] hdrhistogram::CreationError),
}

/// Running traffic. Dropping it ends the clients where they are; [`Traffic::stop`] lets them finish.
#[derive(Debug)]
pub struct Traffic {
    recorder: Arc<Recorder>,
    sample: Arc<Sample>,
    deployment: Arc<Deployment>,
    voice: Voice,
    seed: u64,
    /// How many transactions were held open.
    held: u32,
    stopping: watch::Sender<bool>,
    clients: JoinSet<()>,
}

impl Traffic {
    /// Connects and starts the clients, with the old code. What they do is recorded under `first_step`.
    ///
    /// # Errors
    ///
    /// The database can't be reached, or holds no pre-rollout data.
    pub async fn start(
        url: &str,
        first_step: &str,
        options: &TrafficOptions,
    ) -> Result<Self, TrafficError> {
        let pool = connect(url, options).await?;
        let sample = Arc::new(Sample::read(&pool).await?);
        let recorder = Arc::new(Recorder::start(first_step, options.period())?);
        let (stopping, _) = watch::channel(false);
        let mut traffic = Self {
            voice: Voice::new(pool, Arc::clone(&recorder)),
            recorder,
            sample,
            deployment: Arc::new(Deployment::of(Deployed::Old)),
            seed: options.seed,
            held: 0,
            stopping,
            clients: JoinSet::new(),
        };
        let clients = options.clients.max(1);
        for number in 0..clients {
            // Evenly out of step with each other.
            let delay = options.period() * number / clients;
            let client = traffic.client(number, options.favourite);
            let stopped = traffic.stopping.subscribe();
            traffic.clients.spawn(client.run(delay, options.period(), stopped));
        }
        Ok(traffic)
    }

    fn client(&self, number: u32, favourite: Option<&str>) -> Client {
        let favourite =
            favourite.and_then(|name| tables::TABLES.iter().position(|table| table.name == name));
        Client::new(
            self.voice.clone(),
            Arc::clone(&self.sample),
            Arc::clone(&self.deployment),
            favourite,
            self.seed.wrapping_add(u64::from(number)),
        )
    }

    /// Deploys another code, or takes it back; returns once nobody runs what was there before. The
    /// new code wants the columns of phase 1.
    pub async fn deploy(&self, deployed: Deployed) {
        self.deployment.change(deployed).await;
    }

    /// Opens a transaction that reads and writes rows of several tables, and keeps it open for so
    /// long. Returns as soon as it is open.
    pub async fn hold(&mut self, time: Duration) {
        self.held += 1;
        // A number that no client has, and another one each time: what it adds must be new.
        let client = self.client(u32::MAX - self.held, None);
        match Held::open(client).await {
            Ok(held) => {
                let stopped = self.stopping.subscribe();
                self.clients.spawn(held.end(time, stopped));
            }
            // It is recorded, as the clients' errors are.
            Err(error) => tracing::debug!(%error, "no transaction could be held open"),
        }
    }

    /// Ends the current step and begins the next one, or goes on with an earlier one of that name.
    pub fn step(&self, name: &str) {
        self.recorder.step(name);
    }

    /// What was felt so far.
    #[must_use]
    pub fn summary(&self) -> TrafficSummary {
        self.recorder.summary()
    }

    /// Lets every client finish what it is doing, and returns what was felt.
    pub async fn stop(mut self) -> TrafficSummary {
        self.stopping.send_replace(true);
        while let Some(ended) = self.clients.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a client of the traffic broke down");
            }
        }
        self.recorder.summary()
    }
}

async fn connect(url: &str, options: &TrafficOptions) -> Result<DatabaseConnection, TrafficError> {
    let clients = options.clients.max(1);
    let mut connect = ConnectOptions::new(url);
    connect
        // One more for the transaction that is held open.
        .max_connections(clients + 1)
        .min_connections(clients)
        // Asking first whether the connection is still there would double the number of round trips.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .statement_timeout(options.statement_timeout)
        .set_application_name(APPLICATION);
    Database::connect(connect).await.map_err(TrafficError::Connect)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::TrafficOptions;

    #[test]
    fn clients_share_the_rate() {
        assert_eq!(TrafficOptions::default().period(), Duration::from_millis(40));
        let idle =
            TrafficOptions { clients: 0, statements_per_second: 0, ..TrafficOptions::default() };
        assert_eq!(idle.period(), Duration::from_secs(1));
    }
}
