//! The server's first process: starting it, waiting for it, and ending it in three ways.

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt as _;

use super::account::{self, Account};
use super::binaries::Binaries;
use super::home::Home;
use super::{ServerError, ServerOptions, processes};

const POLL: Duration = Duration::from_millis(10);

/// How long a server that was asked to stop may take before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Below the ports that operating systems hand out for outgoing connections (32768 and up, usually).
/// A client that keeps trying to reach a stopped server would otherwise be given the server's own port
/// for its end one day, connect to itself, and keep the server from coming back.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// How many lines of the log an error shows.
const LOG_LINES: usize = 20;

/// What a server is started with.
pub(super) struct Launch<'a> {
    pub(super) binaries: &'a Binaries,
    pub(super) account: Option<Account>,
    pub(super) home: &'a Home,
    pub(super) port: u16,
    pub(super) settings: &'a [(String, String)],
}

/// The running server.
pub(super) struct Postmaster {
    child: Child,
}

impl Postmaster {
    /// Starts the server; it isn't ready yet.
    pub(super) fn spawn(launch: &Launch<'_>) -> Result<Self, ServerError> {
        let log = open_log(launch.home)?;
        let errors = log.try_clone().map_err(ServerError::io("open the server's log"))?;
        let mut command = account::command(
            &launch.binaries.program("postgres"),
            launch.home.path(),
            launch.account,
        );
        command.arg("-D").arg(launch.home.data());
        command.arg("-c").arg(format!("unix_socket_directories={}", launch.home.path().display()));
        command.arg("-c").arg(format!("port={}", launch.port));
        for (name, value) in launch.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let child =
            command.stdout(log).stderr(errors).spawn().map_err(ServerError::io("run postgres"))?;
        Ok(Self { child })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until the server accepts connections, by the status it writes into `postmaster.pid`.
    pub(super) fn wait_until_ready(
        &mut self,
        home: &Home,
        port: u16,
        timeout: Duration,
    ) -> Result<(), ServerError> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(status) =
                self.child.try_wait().map_err(ServerError::io("wait for postgres"))?
            {
                let log = last_lines(home);
                if log.contains("Address already in use") {
                    return Err(ServerError::PortTaken { port });
                }
                return Err(ServerError::Ended { status, log });
            }
            let pid_file =
                fs::read_to_string(home.data().join("postmaster.pid")).unwrap_or_default();
            if says_ready(&pid_file, self.id()) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(ServerError::NotReady { waited: timeout, log: last_lines(home) });
            }
            thread::sleep(POLL);
        }
    }

    /// Ends sessions, writes a checkpoint, stops.
    pub(super) fn stop_fast(&mut self) -> Result<(), ServerError> {
        self.stop_by("INT")
    }

    /// Stops at once; the next start recovers.
    pub(super) fn stop_immediate(&mut self) -> Result<(), ServerError> {
        self.stop_by("QUIT")
    }

    fn stop_by(&mut self, signal: &str) -> Result<(), ServerError> {
        if !self.is_running() {
            return Ok(());
        }
        processes::signal(signal, &[self.id()]).map_err(ServerError::io("signal the server"))?;
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.is_running() {
            if Instant::now() >= deadline {
                return self.crash();
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Kills the server's processes, all of them at once.
    pub(super) fn crash(&mut self) -> Result<(), ServerError> {
        if !self.is_running() {
            return Ok(());
        }
        // A stopped postmaster starts no process that the list misses, and tells none to end in order.
        processes::signal("STOP", &[self.id()]).map_err(ServerError::io("signal the server"))?;
        let mut doomed = processes::children_of(self.id())
            .map_err(ServerError::io("list the server's processes"))?;
        doomed.push(self.id());
        // One of them may have ended by itself meanwhile, which `kill` reports as a failure.
        let killed = processes::signal("KILL", &doomed);
        self.child.kill().and(killed.or(Ok(()))).map_err(ServerError::io("kill the server"))?;
        self.child.wait().map_err(ServerError::io("wait for the killed server"))?;
        // The next server refuses to start while one of these is still attached to the shared memory.
        processes::wait_until_gone(&doomed, STOP_TIMEOUT)
            .map_err(ServerError::io("wait for the killed server"))
    }
}

/// The settings of a throwaway server, then those the caller asked for, so that the caller's win.
pub(super) fn settings(options: &ServerOptions) -> Vec<(String, String)> {
    let fsync = if options.durable { "on" } else { "off" };
    let ours = [
        ("listen_addresses", "127.0.0.1"),
        ("fsync", fsync),
        ("shared_buffers", "256MB"),
        ("max_connections", "200"),
        ("max_wal_size", "2GB"),
        // Enough for a standby that was away for a moment.
        ("wal_keep_size", "256MB"),
        ("logging_collector", "off"),
        ("log_destination", "stderr"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        ("cluster_name", "throwaway"),
    ];
    let ours = ours.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    ours.chain(options.settings.iter().cloned()).collect()
}

/// A port nobody listens on, found by chance: several servers may be looking at the same time.
pub(super) fn free_port() -> Result<u16, ServerError> {
    let mut random = rand::rng();
    (0..200)
        .map(|_| random.random_range(PORTS))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or(ServerError::NoFreePort)
}

/// The first line is the process that wrote it (an old file may be lying there after a crash), the
/// eighth its state.
fn says_ready(pid_file: &str, postmaster: u32) -> bool {
    let mut lines = pid_file.lines().map(str::trim);
    lines.next() == Some(postmaster.to_string().as_str()) && lines.nth(6) == Some("ready")
}

fn open_log(home: &Home) -> Result<File, ServerError> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(home.log())
        .map_err(ServerError::io("open the server's log"))
}

fn last_lines(home: &Home) -> String {
    let log = fs::read(home.log()).unwrap_or_default();
    let text = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::says_ready;

    const FILE: &str =
        "4711\n/tmp/pg-1/data\n1700000000\n15001\n/tmp/pg-1\n127.0.0.1\n  123  456\n";

    #[test]
    fn ready_means_ready_and_ours() {
        assert!(says_ready(&format!("{FILE}ready   \n"), 4711));
        assert!(!says_ready(&format!("{FILE}ready   \n"), 4712));
        assert!(!says_ready(&format!("{FILE}starting\n"), 4711));
        assert!(!says_ready(&format!("{FILE}standby \n"), 4711));
        assert!(!says_ready(FILE, 4711));
        assert!(!says_ready("", 4711));
    }
}
