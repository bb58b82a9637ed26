//! Asking work to stop: at the next batch boundary, from any task.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// The one who asks.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<watch::Sender<bool>>);

/// The one who is asked.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// Asks for the stop. Asking twice is asking once.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A stop that has not been asked for, and the one who may ask for it.
    #[must_use]
    pub fn pair() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(Arc::new(sender)), Self(receiver))
    }

    /// Whether it has been asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when it is asked for: never, where nobody is left who could.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Sleeps, but not longer than until the stop is asked for.
    pub(crate) async fn sleep(&self, duration: Duration) {
        tokio::select! {
            () = self.requested() => {}
            () = tokio::time::sleep(duration) => {}
        }
    }
}
