//! The volumes a server writes to, and the room that is left on them. SQL has no way to ask: it
//! can be seen only where the server runs on this machine.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use isolation::names::quoted;
use serde::Deserialize;

/// Where a server is and where it writes, as it says itself.
#[derive(Debug, Deserialize)]
pub(super) struct Place {
    /// The session's role.
    role: String,
    /// The server process of the session.
    pid: i32,
    /// Whether the connection's two ends have the same address.
    is_this_machine: bool,
    /// None where the role may not see it.
    data_directory: Option<String>,
    /// Where new indexes go, if not into the data directory.
    tablespace: Option<String>,
}

/// A volume, with what is to go there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Volume {
    /// A directory on it.
    pub(super) path: String,
    /// Bytes that are to be written.
    pub(super) needed: u64,
    /// Bytes that an ordinary user may still write.
    pub(super) free: u64,
}

/// Why no room can be seen, and what to do instead.
#[derive(Debug)]
pub(super) struct Unseen {
    pub(super) why: String,
    pub(super) remedy: String,
}

impl Place {
    /// The volumes that so many bytes of indexes and of write-ahead log go to: one, or two.
    pub(super) fn volumes(&self, indexes: u64, log: u64) -> Result<Vec<Volume>, Unseen> {
        if !self.is_here() {
            let directory = self.data_directory.as_deref();
            let directory = directory.map_or(String::new(), |path| format!(" of {path}"));
            return Err(Unseen {
                why: "the server is on another machine".to_owned(),
                remedy: format!("look there, at the volume{directory}, before you begin"),
            });
        }
        let Some(directory) = &self.data_directory else {
            return Err(Unseen {
                why: "the role may not see where the data directory is".to_owned(),
                remedy: format!(
                    "GRANT pg_read_all_settings TO {}, or look at its volume before you begin",
                    quoted(&self.role)
                ),
            });
        };
        let data = Path::new(directory);
        let place = self.tablespace.as_deref().map_or(data, Path::new);
        // Often a link to a volume of its own; who may not look inside takes it for one with the data.
        let wal = Some(data.join("pg_wal")).filter(|wal| wal.metadata().is_ok());
        let wal = wal.unwrap_or_else(|| data.to_owned());
        split(place, &wal, indexes, log).map_err(|error| Unseen {
            why: format!("{}: {error}", place.display()),
            remedy: format!("look at the volume of {directory} before you begin"),
        })
    }

    /// Equal addresses are not enough, as a tunnel has them too: here is where the server's process
    /// is seen, on systems that show processes as files.
    fn is_here(&self) -> bool {
        let shows_processes = Path::new("/proc/self/comm").exists();
        let name = std::fs::read_to_string(format!("/proc/{}/comm", self.pid));
        let is_seen = name.is_ok_and(|name| name.contains("postgres"));
        self.is_this_machine && (is_seen || !shows_processes)
    }
}

fn split(place: &Path, wal: &Path, indexes: u64, log: u64) -> std::io::Result<Vec<Volume>> {
    if place.metadata()?.dev() == wal.metadata()?.dev() {
        return Ok(vec![volume(place, indexes.saturating_add(log))?]);
    }
    Ok(vec![volume(place, indexes)?, volume(wal, log)?])
}

fn volume(path: &Path, needed: u64) -> std::io::Result<Volume> {
    let status = rustix::fs::statvfs(path)?;
    let free = status.f_bavail.saturating_mul(status.f_frsize);
    Ok(Volume { path: PathBuf::from(path).display().to_string(), needed, free })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(is_this_machine: bool, data_directory: Option<&str>) -> Place {
        let pid = i32::try_from(std::process::id()).unwrap_or_default();
        let data_directory = data_directory.map(str::to_owned);
        Place { role: "app".to_owned(), pid, is_this_machine, data_directory, tablespace: None }
    }

    #[test]
    fn what_is_not_provably_here_is_not_looked_at() {
        // This process is seen, but is no server.
        for here in [true, false] {
            let unseen = place(here, Some("/")).volumes(1, 1).err();
            let why = unseen.map(|unseen| unseen.why).unwrap_or_default();
            assert!(why.contains("another machine") || !Path::new("/proc/self/comm").exists());
        }
    }

    #[test]
    fn what_is_on_one_volume_is_added_up() {
        let volumes = split(Path::new("/"), Path::new("/"), 3, 4).unwrap_or_default();
        assert_eq!(volumes.iter().map(|volume| volume.needed).collect::<Vec<_>>(), [7]);
        assert!(volumes.iter().all(|volume| volume.free > 0), "{volumes:?}");
        assert!(split(Path::new("/no/such/place"), Path::new("/"), 1, 1).is_err());
    }
}
