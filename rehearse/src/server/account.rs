//! Who the server runs as: this process's own account, unless that is root.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::ServerError;

/// The accounts tried in turn, as which a throwaway server may run when this process is root.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// An unprivileged account that a server started by root runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// The account to become for the server; `None` when this process isn't root and stays who it is.
    pub(super) fn for_server() -> Result<Option<Self>, ServerError> {
        if !is_root()? {
            return Ok(None);
        }
        let passwd =
            std::fs::read_to_string("/etc/passwd").map_err(ServerError::io("read /etc/passwd"))?;
        let account = UNPRIVILEGED.iter().find_map(|name| Self::from_passwd(&passwd, name));
        account.ok_or(ServerError::NoAccount).map(Some)
    }

    fn from_passwd(passwd: &str, name: &str) -> Option<Self> {
        let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        let user = numbers.next()?.parse().ok().filter(|user| *user != 0)?;
        let group = numbers.next()?.parse().ok()?;
        Some(Self { user, group })
    }

    /// Makes this account the owner of a file or directory of ours.
    pub(super) fn own(self, path: &Path) -> Result<(), ServerError> {
        chown(path, Some(self.user), Some(self.group))
            .map_err(ServerError::io(format!("give {} to the server's account", path.display())))
    }
}

/// The new file's owner is our effective user, which the standard library has no other way to ask for.
pub(super) fn is_root() -> Result<bool, ServerError> {
    let probe = tempfile::tempfile().and_then(|file| file.metadata());
    Ok(probe.map_err(ServerError::io("create a temporary file"))?.uid() == 0)
}

/// A program of the server, run as its account, at home in its directory.
///
/// In a process group of its own: Ctrl-C in a terminal goes to the whole foreground group, and the
/// server must not go before we have dealt with it.
pub(super) fn command(program: &Path, home: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(home)
        .env("HOME", home)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .process_group(0);
    for variable in ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGDATABASE", "PGOPTIONS"] {
        command.env_remove(variable);
    }
    if let Some(account) = account {
        // Root's supplementary groups go too: the standard library clears them with the user.
        command.uid(account.user).gid(account.group);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::Account;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

    #[test]
    fn reads_accounts() {
        assert_eq!(
            Account::from_passwd(PASSWD, "postgres"),
            Some(Account { user: 101, group: 104 })
        );
        assert_eq!(
            Account::from_passwd(PASSWD, "nobody"),
            Some(Account { user: 65534, group: 65534 })
        );
        assert_eq!(Account::from_passwd(PASSWD, "postgre"), None);
    }

    #[test]
    fn never_becomes_root() {
        assert_eq!(Account::from_passwd(PASSWD, "root"), None);
    }
}
