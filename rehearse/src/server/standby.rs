//! A hot standby of a throwaway server.
//!
//! Made by PostgreSQL's low-level backup functions and a copy of the files, rather than by
//! `pg_basebackup`, because the binaries that `install-postgres` gets from npm are without it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement};

use super::account::Account;
use super::home::Home;
use super::{Server, ServerError, ServerOptions};

/// Files of the running server, which mean nothing elsewhere.
const NOT_COPIED: [&str; 2] = ["postmaster.pid", "postmaster.opts"];

/// Directories whose contents the standby makes itself, or gets by streaming (`pg_wal`).
const COPIED_EMPTY: [&str; 8] = [
    "pg_wal",
    "pg_replslot",
    "pg_dynshmem",
    "pg_notify",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
];

impl Server {
    /// Starts a hot standby that streams from this server: a read-only server with the same databases,
    /// password and version. It needs this server to be up when it starts, not for longer.
    ///
    /// # Errors
    ///
    /// This server is down, its files can't be copied, or the standby does not come up.
    pub async fn standby(&self) -> Result<Self, ServerError> {
        let home = Home::create(self.account)?;
        // Without a slot the primary recycles WAL that a standby under load has not read yet, and
        // the standby stands still for good.
        let slot = format!("standby_{}", rand::random::<u32>());
        self.back_up_into(&home, &slot).await?;
        let conninfo =
            format!("host={} port={} user=postgres", self.socket_dir().display(), self.port());
        let mut settings = self.settings.clone();
        settings.push(("primary_conninfo".to_owned(), conninfo));
        settings.push(("primary_slot_name".to_owned(), slot));
        // A database that is dropped on the primary goes at once, whoever looks at it here.
        settings.push(("max_standby_streaming_delay".to_owned(), "500ms".to_owned()));
        let options = ServerOptions {
            settings,
            start_timeout: self.start_timeout,
            ..ServerOptions::default()
        };
        Self::launch_on_free_port(
            self.binaries.clone(),
            self.account,
            home,
            self.password.clone(),
            &options,
        )
    }

    async fn back_up_into(&self, home: &Home, slot: &str) -> Result<(), ServerError> {
        // The backup belongs to its session and ends with it, so that this must be one session.
        let connection = self.single_connection().await?;
        let (begin, end) = backup_functions(self.version());
        let reserve = format!("SELECT pg_create_physical_replication_slot('{slot}', true)");
        execute(&connection, &reserve).await?;
        execute(&connection, begin).await?;
        copy_in_background(self.data_dir(), home.data(), self.account).await?;
        let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, end)).await;
        let row =
            row.and_then(|row| row.ok_or_else(|| DbErr::RecordNotFound("backup label".to_owned())));
        let label = row
            .and_then(|row| row.try_get_by_index::<String>(0))
            .map_err(ServerError::sql("end a backup"))?;
        connection.close().await.map_err(ServerError::sql("close a connection"))?;
        for (name, text) in [("backup_label", label.as_str()), ("standby.signal", "")] {
            let path = home.data().join(name);
            fs::write(&path, text).map_err(ServerError::io(format!("write {name}")))?;
            give(&path, self.account)?;
        }
        Ok(())
    }
}

/// What begins a backup at once, and what ends it and returns its label, without waiting for an archive.
fn backup_functions(version: u32) -> (&'static str, &'static str) {
    if version >= 15 {
        ("SELECT pg_backup_start('standby', true)", "SELECT labelfile FROM pg_backup_stop(false)")
    } else {
        (
            "SELECT pg_start_backup('standby', true, false)",
            "SELECT labelfile FROM pg_stop_backup(false, false)",
        )
    }
}

async fn execute(connection: &DatabaseConnection, sql: &str) -> Result<(), ServerError> {
    connection.execute_unprepared(sql).await.map(drop).map_err(ServerError::sql("begin a backup"))
}

async fn copy_in_background(
    from: PathBuf,
    to: PathBuf,
    account: Option<Account>,
) -> Result<(), ServerError> {
    let copied = tokio::task::spawn_blocking(move || copy_directory(&from, &to, account)).await;
    copied.map_err(|error| ServerError::Io {
        doing: "copy the data directory".to_owned(),
        source: error.into(),
    })?
}

/// Copies what is there. The server goes on writing meanwhile: pages torn by that are mended from the
/// write-ahead log, and files that went away were not needed.
fn copy_directory(from: &Path, to: &Path, account: Option<Account>) -> Result<(), ServerError> {
    let doing = || ServerError::io(format!("copy {}", from.display()));
    fs::create_dir(to).map_err(doing())?;
    fs::set_permissions(to, fs::metadata(from).map_err(doing())?.permissions()).map_err(doing())?;
    give(to, account)?;
    for entry in fs::read_dir(from).map_err(doing())? {
        let entry = entry.map_err(doing())?;
        let name = entry.file_name();
        let (source, target) = (entry.path(), to.join(&name));
        let is_one_of = |names: &[&str]| names.iter().any(|other| name == *other);
        if source.is_dir() {
            if is_one_of(&COPIED_EMPTY) {
                copy_empty(&target, account)?;
            } else {
                copy_directory(&source, &target, account)?;
            }
        } else if !is_one_of(&NOT_COPIED) {
            copy_file(&source, &target, account)?;
        }
    }
    Ok(())
}

fn copy_empty(target: &Path, account: Option<Account>) -> Result<(), ServerError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = fs::DirBuilder::new().mode(0o700).create(target);
    made.map_err(ServerError::io(format!("create {}", target.display())))?;
    give(target, account)
}

fn copy_file(source: &Path, target: &Path, account: Option<Account>) -> Result<(), ServerError> {
    match fs::copy(source, target) {
        Ok(_) => give(target, account),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            Err(ServerError::Io { doing: format!("copy {}", source.display()), source: error })
        }
    }
}

fn give(path: &Path, account: Option<Account>) -> Result<(), ServerError> {
    account.map_or(Ok(()), |account| account.own(path))
}
