//! A throwaway PostgreSQL server: made from nothing, gone without a trace.
//!
//! Everything it has is in one private temporary directory: data, log, socket. It is stopped and the
//! directory removed when the [`Server`] is dropped, and also when this process dies in any other way
//! (the module `home` says how). It is fast rather than durable, unless [`ServerOptions::durable`] says otherwise.
//!
//! Starting, stopping and crashing block the calling thread; what talks SQL is async.

mod account;
mod binaries;
mod cluster;
mod databases;
mod error;
mod home;
mod postmaster;
mod processes;
mod standby;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::RngExt as _;

use account::Account;
pub use binaries::Binaries;
pub use error::ServerError;
use home::Home;
use postmaster::{Launch, Postmaster};

/// How often a server that found its port taken is tried on another one.
const PORT_TRIES: u32 = 5;

/// What kind of server to start.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The major version it must have; `None`: whichever is found first.
    pub version: Option<u32>,
    /// Flush to disk as a real server does. Off, a crash of the *machine* may lose the data; a crash of
    /// the server does not, since the operating system keeps what was written.
    pub durable: bool,
    /// Settings over and above ours, as in `postgresql.conf`. A later one wins.
    pub settings: Vec<(String, String)>,
    /// How long it may take to accept connections.
    pub start_timeout: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            version: None,
            durable: false,
            settings: Vec::new(),
            start_timeout: Duration::from_mins(1),
        }
    }
}

/// A throwaway server. Dropping it stops the server and removes everything it had.
pub struct Server {
    binaries: Binaries,
    account: Option<Account>,
    password: String,
    settings: Vec<(String, String)>,
    start_timeout: Duration,
    port: u16,
    postmaster: Option<Postmaster>,
    kept: bool,
    // Last: what waits for the directory's removal goes when the server is down.
    home: Home,
}

impl Server {
    /// Makes a new cluster and starts a server on it. About a second.
    ///
    /// # Errors
    ///
    /// There are no server binaries, this process is root and knows no unprivileged account, or the
    /// server did not come up; the error carries the last lines of its log.
    pub fn start(options: &ServerOptions) -> Result<Self, ServerError> {
        let account = Account::for_server()?;
        let binaries = Binaries::find(options.version)?;
        let home = Home::create(account)?;
        let password = random_password();
        cluster::initialise(&binaries, &home, account, &password)?;
        Self::launch_on_free_port(binaries, account, home, password, options)
    }

    fn launch_on_free_port(
        binaries: Binaries,
        account: Option<Account>,
        home: Home,
        password: String,
        options: &ServerOptions,
    ) -> Result<Self, ServerError> {
        let mut server = Self {
            binaries,
            account,
            password,
            settings: postmaster::settings(options),
            start_timeout: options.start_timeout,
            port: 0,
            postmaster: None,
            kept: false,
            home,
        };
        let mut tries = 0;
        loop {
            server.port = postmaster::free_port()?;
            tries += 1;
            match server.start_again() {
                // Somebody took it between our look and the server's.
                Err(ServerError::PortTaken { .. }) if tries < PORT_TRIES => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(server),
            }
        }
    }

    /// `postgres://` URL of a database, with the superuser's password in it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres:{}@127.0.0.1:{}/{database}?sslmode=disable",
            self.password, self.port
        )
    }

    /// Where the Unix socket is. Connections through it need no password: the directory is private.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        self.home.path()
    }

    /// The TCP port on 127.0.0.1. It stays the same when the server is started again.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.home.data()
    }

    /// The server's log.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.home.log()
    }

    /// The directory of the server's binaries.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        self.binaries.bin_dir()
    }

    /// The major version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.binaries.version()
    }

    /// Whether the server is up, as far as its process tells.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        self.postmaster.as_mut().is_some_and(Postmaster::is_running)
    }

    /// Stops the server, ending its sessions in good order, and starts it again.
    ///
    /// # Errors
    ///
    /// It does not stop, or does not come up.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        if let Some(postmaster) = self.postmaster.as_mut() {
            postmaster.stop_fast()?;
        }
        self.forget_postmaster()?;
        self.start_again()
    }

    /// Stops the server without a checkpoint; the next start recovers from the write-ahead log.
    ///
    /// # Errors
    ///
    /// The server's processes can't be signalled.
    pub fn stop_immediate(&mut self) -> Result<(), ServerError> {
        if let Some(postmaster) = self.postmaster.as_mut() {
            postmaster.stop_immediate()?;
        }
        self.forget_postmaster()
    }

    /// Kills every process of the server with no chance to say goodbye, as a crash would.
    ///
    /// # Errors
    ///
    /// The server's processes can't be listed or signalled.
    pub fn crash(&mut self) -> Result<(), ServerError> {
        if let Some(postmaster) = self.postmaster.as_mut() {
            postmaster.crash()?;
        }
        self.forget_postmaster()
    }

    /// Starts a stopped or crashed server on the same data and port. Does nothing when it is up.
    ///
    /// # Errors
    ///
    /// It does not come up; the error carries the last lines of its log.
    pub fn start_again(&mut self) -> Result<(), ServerError> {
        if self.is_running() {
            return Ok(());
        }
        let mut postmaster = Postmaster::spawn(&Launch {
            binaries: &self.binaries,
            account: self.account,
            home: &self.home,
            port: self.port,
            settings: &self.settings,
        })?;
        self.home.watch(Some(postmaster.id()))?;
        let ready = postmaster.wait_until_ready(&self.home, self.port, self.start_timeout);
        self.postmaster = Some(postmaster);
        if let Err(error) = ready {
            self.stop_immediate()?;
            return Err(error);
        }
        Ok(())
    }

    /// Lets the server live on after this process, and returns the directory that whoever is done with
    /// it has to remove. The process id to stop is in `data/postmaster.pid` there.
    ///
    /// # Errors
    ///
    /// What would have cleaned up can't be told to leave it.
    pub fn keep(mut self) -> Result<PathBuf, ServerError> {
        self.home.keep()?;
        self.kept = true;
        Ok(self.home.path().to_path_buf())
    }

    fn forget_postmaster(&mut self) -> Result<(), ServerError> {
        self.postmaster = None;
        // Its process id may soon be somebody else's.
        self.home.watch(None)
    }
}

impl fmt::Debug for Server {
    // By hand, to leave out the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("version", &self.version())
            .field("port", &self.port)
            .field("home", &self.home.path())
            .finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = self.stop_immediate() {
            // The watchdog tries again, by the process id it was told.
            tracing::warn!(%error, "could not stop the throwaway server");
        }
    }
}

fn random_password() -> String {
    rand::rng().sample_iter(rand::distr::Alphanumeric).take(24).map(char::from).collect()
}
