//! The private directory a server lives in, and the watchdog that removes both.
//!
//! The watchdog is a shell that reads a pipe of ours. The pipe ends when we let go of it, or when we
//! die, however that happens: then it stops the server, if there still is one, and removes the
//! directory. There is one way to clean up, and `kill -9` takes it too.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::ServerError;
use super::account::Account;

/// A Unix socket's path has at most 103 bytes (macOS; Linux has 107), of which the name of the socket,
/// `/.s.PGSQL.65535`, takes 15, and the name of our directory 10.
const LONGEST_PARENT: usize = 103 - 15 - 10;

/// Reads the server's process id (`-` when it has none) whenever it changes, and acts at the end.
/// SIGQUIT is an immediate shutdown. Somebody else may still be writing into the directory while it is
/// removed (an `initdb` that was just orphaned), so removal is tried until it sticks.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
postmaster=-
while read -r line; do
    case $line in keep) exit 0 ;; esac
    postmaster=$line
done
tries=0
if [ "$postmaster" != - ] && kill -s QUIT "$postmaster"; then
    while [ -e "$1/data/postmaster.pid" ] && kill -s 0 "$postmaster"; do
        tries=$((tries + 1))
        if [ $tries -gt 80 ]; then kill -s KILL "$postmaster"; break; fi
        sleep 0.1
    done
fi
tries=0
until rm -rf "$1" || [ $tries -gt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
"#;

/// A private temporary directory, removed when this is dropped or this process dies.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    watchdog: Child,
    /// Only taken when dropped: its end is the signal.
    pipe: Option<ChildStdin>,
}

impl Home {
    pub(super) fn create(account: Option<Account>) -> Result<Self, ServerError> {
        let directory = tempfile::Builder::new()
            .prefix("pg-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(parent_directory(account))
            .map_err(ServerError::io("create a temporary directory"))?;
        if let Some(account) = account {
            account.own(directory.path())?;
        }
        let mut watchdog = spawn_watchdog(directory.path())
            .map_err(ServerError::io("start /bin/sh as the server's watchdog"))?;
        let pipe = watchdog.stdin.take();
        // From here on the watchdog removes it.
        Ok(Self { path: directory.keep(), watchdog, pipe })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Says which process the watchdog has to stop.
    pub(super) fn watch(&mut self, postmaster: Option<u32>) -> Result<(), ServerError> {
        self.tell(&postmaster.map_or_else(|| "-".to_owned(), |id| id.to_string()))
    }

    /// Leaves server and directory where they are.
    pub(super) fn keep(&mut self) -> Result<(), ServerError> {
        self.tell("keep")
    }

    fn tell(&mut self, line: &str) -> Result<(), ServerError> {
        match self.pipe.as_mut() {
            Some(pipe) => {
                writeln!(pipe, "{line}").map_err(ServerError::io("talk to the server's watchdog"))
            }
            None => Ok(()),
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.pipe.take());
        if let Err(error) = self.watchdog.wait() {
            tracing::warn!(%error, directory = %self.path.display(), "could not wait for the removal of a throwaway server");
        }
    }
}

fn spawn_watchdog(directory: &Path) -> std::io::Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(directory)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

/// The first directory for temporary files that the server's account can reach and that leaves a
/// socket's path short enough.
fn parent_directory(account: Option<Account>) -> PathBuf {
    let usual = std::env::temp_dir();
    let short = usual.as_os_str().len() <= LONGEST_PARENT;
    if short && (account.is_none() || is_open_to_all(&usual)) {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

/// Whether an account without rights of its own gets to this file or directory.
pub(super) fn is_open_to_all(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    path.ancestors().all(|part| part.metadata().is_ok_and(|metadata| metadata.mode() & 0o001 != 0))
}
