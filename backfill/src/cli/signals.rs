//! SIGINT and SIGTERM: the first asks for a stop at the next batch boundary, the second leaves at
//! once.

use isolation::cli::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::BackfillError;
use crate::stop::Stopper;

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::cannot_ask(format!("failed to listen for signals: {error}"), "try again")
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Waits for work that a signal asks to stop; `resume` is the command that goes on with it. Work that is left at once loses its connections,
/// and the server rolls its open batches back.
pub(super) async fn until_stopped<T>(
    stopper: &Stopper,
    resume: &str,
    working: impl Future<Output = Result<T, BackfillError>>,
) -> Result<T, Failure> {
    let mut signals = Signals::listen()?;
    tokio::pin!(working);
    tokio::select! {
        outcome = &mut working => return Ok(outcome?),
        () = signals.next() => {}
    }
    stopper.request();
    tracing::info!("stopping at the next batch boundary; once more to leave at once");
    tokio::select! {
        outcome = &mut working => Ok(outcome?),
        () = signals.next() => Err(Failure::stopped(
            "left in the middle of a batch, which is rolled back",
            resume,
        )),
    }
}
