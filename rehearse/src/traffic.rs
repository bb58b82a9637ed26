//! The application, played by a few clients while the rollout runs.
//!
//! They speak the SQL of the *old* code, which has never heard of `workspace_id` on the tenant-owned
//! tables: if it stops working, or stands still, at some step of the rollout, that is what the rehearsal
//! is there to find out. What each statement took is recorded under the step it began in.

mod client;
mod recorder;
mod sample;
mod statements;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DbErr};
use tokio::sync::watch;
use tokio::task::JoinSet;

use client::Client;
use recorder::Recorder;
pub use recorder::{StepSummary, TrafficSummary};
use sample::Sample;

/// How busy the application is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrafficOptions {
    /// How many clients, each with a connection of its own and one statement at a time. Many of them
    /// waiting for the same lock is how a standstill shows.
    pub clients: u32,
    /// About how many statements all of them together send in a second, as long as none has to wait.
    pub statements_per_second: u32,
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
    stopping: watch::Sender<bool>,
    clients: JoinSet<()>,
}

impl Traffic {
    /// Connects and starts the clients. What they do is recorded under `first_step`.
    ///
    /// # Errors
    ///
    /// The database can't be reached, or holds no pre-rollout data.
    pub async fn start(
        url: &str,
        first_step: &str,
        options: &TrafficOptions,
    ) -> Result<Self, TrafficError> {
        let clients = options.clients.max(1);
        let mut connect = ConnectOptions::new(url);
        connect
            .max_connections(clients)
            .min_connections(clients)
            // Asking first whether the connection is still there would double the number of round trips.
            .test_before_acquire(false)
            .sqlx_logging(false)
            .statement_timeout(options.statement_timeout)
            .set_application_name("tenantatlas");
        let pool = Database::connect(connect).await.map_err(TrafficError::Connect)?;
        let sample = Arc::new(Sample::read(&pool).await?);
        let recorder = Arc::new(Recorder::start(first_step)?);
        let (stopping, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..clients {
            // Evenly out of step with each other.
            let delay = options.period() * number / clients;
            let seed = options.seed.wrapping_add(u64::from(number));
            let client =
                Client::new(pool.clone(), Arc::clone(&sample), Arc::clone(&recorder), seed);
            tasks.spawn(client.run(delay, options.period(), stopped.clone()));
        }
        Ok(Self { recorder, stopping, clients: tasks })
    }

    /// Ends the current step and begins the next one.
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
        self.recorder.finish()
    }
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
