//! Making a new cluster with `initdb`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::ServerError;
use super::account::{self, Account};
use super::binaries::Binaries;
use super::home::Home;

/// Makes an empty cluster in the home's data directory, with the superuser `postgres`.
pub(super) fn initialise(
    binaries: &Binaries,
    home: &Home,
    account: Option<Account>,
    password: &str,
) -> Result<(), ServerError> {
    let password_file = home.path().join("password");
    write_private(&password_file, password)?;
    if let Some(account) = account {
        account.own(&password_file)?;
    }
    let output = account::command(&binaries.program("initdb"), home.path(), account)
        .arg("--pgdata")
        .arg(home.data())
        .arg("--pwfile")
        .arg(&password_file)
        .args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"])
        // The socket is in a private directory, so that whoever reaches it may come in.
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
        .output()
        .map_err(ServerError::io("run initdb"))?;
    fs::remove_file(&password_file).map_err(ServerError::io("remove the password file"))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(ServerError::Initdb { output: String::from_utf8_lossy(&printed).into_owned() })
}

fn write_private(path: &Path, text: &str) -> Result<(), ServerError> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| writeln!(file, "{text}"))
        .map_err(ServerError::io("write the password file"))
}
