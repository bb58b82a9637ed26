//! Where PostgreSQL's server programs are. The script `install-postgres` looks in the same places.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ServerError;
use super::account;
use super::home::is_open_to_all;

/// Names a bin directory, before all others.
const VARIABLE: &str = "ISOLATION_PG_BIN";

/// The folder, inside a cache directory, of what `install-postgres` got from npm.
const CACHE: &str = "workspace-isolation";

const HOMEBREW: [&str; 3] =
    ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];

/// The directory with `initdb` and `postgres`, and which major version they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    bin_dir: PathBuf,
    version: u32,
}

impl Binaries {
    /// Finds the binaries: `ISOLATION_PG_BIN`, then the system's packages, `pg_config`,
    /// `/usr/local/pgsql`, Homebrew, and what `install-postgres` got from npm. The first wins, or the
    /// first of the major version asked for.
    ///
    /// # Errors
    ///
    /// There are none, or `ISOLATION_PG_BIN` names a directory without them.
    pub fn find(version: Option<u32>) -> Result<Self, ServerError> {
        let as_root = account::is_root()?;
        let chosen = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(path) = chosen {
            let binaries =
                Self::in_directory(&path, as_root).ok_or(ServerError::WrongDirectory { path })?;
            if version.is_none_or(|version| version == binaries.version) {
                return Ok(binaries);
            }
        }
        candidates(as_root)
            .iter()
            .filter_map(|directory| Self::in_directory(directory, as_root))
            .find(|binaries| version.is_none_or(|version| version == binaries.version))
            .ok_or_else(|| ServerError::BinariesNotFound {
                wanted: version.map(|version| format!("{version} ")).unwrap_or_default(),
            })
    }

    /// The directory they are in.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// The major version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    fn in_directory(directory: &Path, as_root: bool) -> Option<Self> {
        let programs = [directory.join("initdb"), directory.join("postgres")];
        // Root sees everything, but it is somebody else who runs them.
        let usable = |program: &PathBuf| program.is_file() && (!as_root || is_open_to_all(program));
        if !programs.iter().all(usable) {
            return None;
        }
        let output = Command::new(&programs[1]).arg("--version").output().ok()?;
        let version = major_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { bin_dir: directory.to_path_buf(), version })
    }
}

fn candidates(as_root: bool) -> Vec<PathBuf> {
    let mut found = versions_in("/usr/lib/postgresql", "");
    found.extend(versions_in("/usr", "pgsql-"));
    let config = Command::new("pg_config").arg("--bindir").output();
    if let Some(output) = config.ok().filter(|output| output.status.success()) {
        found.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    found.push(PathBuf::from("/usr/local/pgsql/bin"));
    for prefix in HOMEBREW {
        found.extend(versions_in(prefix, "postgresql@"));
        found.push(Path::new(prefix).join("postgresql/bin"));
    }
    if let Some(cache) = own_cache().filter(|_| !as_root) {
        found.extend(versions_in(cache.join(CACHE), "postgres-"));
    }
    found.extend(versions_in(Path::new("/var/cache").join(CACHE), "postgres-"));
    found
}

/// What `install-postgres` gets from npm goes here, unless it is root: root's server runs as an unprivileged
/// user, who can't read root's home, and finds it in `/var/cache`. Nothing is run out of `/tmp`, where
/// anybody can put it.
fn own_cache() -> Option<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
}

/// The bin directories of `parent/prefix<version>`, the highest version first.
fn versions_in(parent: impl AsRef<Path>, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = parent.as_ref().read_dir() else { return Vec::new() };
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let numbers = name
                .to_str()?
                .strip_prefix(prefix)?
                .split('.')
                .map(str::parse)
                .collect::<Result<_, _>>();
            Some((numbers.ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, directory)| directory).collect()
}

/// `postgres (PostgreSQL) 15.14 (Debian …)`, `postgres (PostgreSQL) 18beta1` → 15, 18.
fn major_version(output: &str) -> Option<u32> {
    let version = output.trim().strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).map_or(version, |end| &version[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{major_version, versions_in};

    #[test]
    fn reads_versions() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(major_version(debian), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("psql (PostgreSQL) 15.14"), None);
    }

    #[test]
    fn puts_the_highest_version_first() -> std::io::Result<()> {
        let parent = tempfile::tempdir()?;
        for name in ["postgres-9.6", "postgres-18", "postgres-14", "postgres-next", "other"] {
            std::fs::create_dir(parent.path().join(name))?;
        }
        let found = versions_in(parent.path(), "postgres-");
        let expected = ["postgres-18/bin", "postgres-14/bin", "postgres-9.6/bin"]
            .map(|name| parent.path().join(name));
        assert_eq!(found, expected);
        Ok(())
    }
}
