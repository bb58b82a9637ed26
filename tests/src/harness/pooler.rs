//! `PgBouncer` before the tests' server.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

use super::{Database, server, until};

/// A `PgBouncer` that ends with this, or with the process of the tests.
pub(crate) struct Pooler {
    port: u16,
    watchdog: Child,
    /// Its end is the signal to end.
    pipe: Option<ChildStdin>,
    _folder: TempDir,
}

/// Ends the pooler when the pipe does, however the process at its other end has ended.
const WATCHDOG: &str = r#""$0" "$1" </dev/null & read -r _; kill $!; wait"#;

impl Pooler {
    /// Starts one; `settings` are lines of its configuration.
    pub(crate) fn start(settings: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("pgb").tempdir_in("/tmp").expect("a folder");
        let is_root = folder.path().metadata().expect("its owner").uid() == 0;
        let readable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), readable).expect("let it in");
        let port = free_port();
        // It refuses to run as root.
        let user = if is_root { "user = nobody\n" } else { "" };
        let url = server().url("");
        let password = url.split([':', '@']).nth(2).expect("a password");
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres password={password}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\n{user}{settings}\n",
            server().port()
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, configuration).expect("write its configuration");
        let mut watchdog = Command::new("sh")
            .args(["-c", WATCHDOG])
            .args([binary(), file])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("start PgBouncer");
        let pipe = watchdog.stdin.take();
        let pooler = Self { port, watchdog, pipe, _folder: folder };
        until("PgBouncer listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        pooler
    }

    /// A database's URL through it.
    pub(crate) fn url(&self, db: &Database) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, db.name())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.watchdog.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// Where `tests/install-pgbouncer` finds it.
fn binary() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install-pgbouncer");
    let answer = Command::new(script).stderr(Stdio::inherit()).output().expect("run the script");
    assert!(answer.status.success(), "no PgBouncer: run `make test`");
    String::from_utf8(answer.stdout).expect("a path").trim_end().into()
}
