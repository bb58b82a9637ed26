//! A wire between a binary and its server. It tells which statements pass, and breaks at any of
//! them: the place from which a test kills a process without a hook in it.
//!
//! Only statements that change or lock something are told and counted. Those of all connections
//! are one list, in the order in which they were sent.

mod protocol;

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{Answer, Database, Tool};
use protocol::{Message, Sent};

/// How often it is looked whether a binary has ended before its time.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a binary may take to a statement, or to its end.
const DEADLINE: Duration = Duration::from_mins(1);

/// A wire to one database, for one run of a binary.
pub(crate) struct Wire {
    url: String,
    address: SocketAddr,
    line: Arc<Line>,
    exchange: Option<JoinHandle<()>>,
}

/// What all connections of a wire have in common.
#[derive(Default)]
struct Line {
    state: Mutex<State>,
    has_broken: Condvar,
}

#[derive(Default)]
struct State {
    statements: Vec<String>,
    breaks_at: Option<usize>,
    flow: Flow,
    ends: Vec<TcpStream>,
}

/// What passes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Flow {
    /// Everything.
    #[default]
    Open,
    /// Nothing any more but one last message, which is on its way to the server.
    Breaking,
    /// Nothing, and nobody gets a connection.
    Broken,
}

impl Wire {
    /// A wire to this database.
    pub(crate) fn to(db: &Database) -> Self {
        let url = db.url();
        let (account, place) = url.split_once('@').expect("an account in the URL");
        let (server, database) = place.split_once('/').expect("a database in the URL");
        let server: SocketAddr = server.parse().expect("the server's address");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let line = Arc::<Line>::default();
        let shared = Arc::clone(&line);
        let exchange = thread::spawn(move || shared.connect(&listener, server));
        Self {
            url: format!("{account}@{address}/{database}"),
            address,
            line,
            exchange: Some(exchange),
        }
    }

    /// The database's URL over this wire.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The statements that have passed.
    pub(crate) fn statements(&self) -> Vec<String> {
        self.line.state().statements.clone()
    }

    /// Runs a binary over this wire to its end.
    pub(crate) fn run(&self, tool: Tool) -> Answer {
        tool.env("DATABASE_URL", &self.url()).run()
    }

    /// Runs a binary over this wire and kills it with SIGKILL right after its n-th statement, the
    /// first being 1, has gone to the server; its answer is never read. The statement; `None` if
    /// the binary ended before.
    pub(crate) fn kill_at(&self, n: usize, tool: Tool) -> Option<String> {
        self.break_at(n, tool, |child| child.kill().expect("kill the binary")).0
    }

    /// Runs a binary over this wire, and strikes right after its n-th statement has gone to the
    /// server. Nothing passes any more from then on, and after the strike its connections are cut.
    /// The statement, `None` if the binary ended before, and the binary's answer.
    pub(crate) fn break_at(
        &self,
        n: usize,
        tool: Tool,
        strike: impl FnOnce(&mut Child),
    ) -> (Option<String>, Answer) {
        self.line.state().breaks_at = Some(n);
        let mut child = tool.env("DATABASE_URL", &self.url()).spawn();
        let statement = self.line.broken(&mut child).then(|| self.statements().swap_remove(n - 1));
        if statement.is_some() {
            strike(&mut child);
            self.line.cut();
        }
        let output = child.wait_with_output().expect("wait for the binary");
        (statement, Answer::of(output))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.line.cut();
        // Whoever waits for the next connection sees by this one that there is none.
        drop(TcpStream::connect(self.address));
        if let Some(exchange) = self.exchange.take() {
            // What it panicked of has been reported.
            let _ = exchange.join();
        }
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects whoever comes, until the wire is cut.
    fn connect(&self, listener: &TcpListener, server: SocketAddr) {
        thread::scope(|scope| {
            for client in listener.incoming() {
                // A server that is down is for the client to see: its connection closes.
                let ends = client.and_then(|client| Ok((client, TcpStream::connect(server)?)));
                let connected = ends.and_then(|(client, server)| self.enlist(client, server));
                match connected {
                    Ok(Some((client, server))) => {
                        scope.spawn(move || self.carry(&client, &server));
                    }
                    Ok(None) => return,
                    Err(_) if self.state().flow == Flow::Broken => return,
                    Err(_) => {}
                }
            }
        });
    }

    /// Both ends of a connection, noted so that they can be cut; `None` when the wire is.
    fn enlist(
        &self,
        client: TcpStream,
        server: TcpStream,
    ) -> io::Result<Option<(TcpStream, TcpStream)>> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let ends = [client.try_clone()?, server.try_clone()?];
        let mut state = self.state();
        if state.flow == Flow::Broken {
            return Ok(None);
        }
        state.ends.extend(ends);
        Ok(Some((client, server)))
    }

    /// Carries one connection in both directions until one end is closed, then closes the other.
    fn carry(&self, client: &TcpStream, server: &TcpStream) {
        thread::scope(|scope| {
            scope.spawn(|| {
                // An error is a connection that is cut, which is what wires are for.
                let _ = self.carry_answers(server, client);
                let _ = client.shutdown(Shutdown::Both);
            });
            let _ = self.carry_statements(client, server);
            let _ = server.shutdown(Shutdown::Both);
        });
    }

    fn carry_answers(&self, mut server: &TcpStream, mut client: &TcpStream) -> io::Result<()> {
        let mut bytes = vec![0; 64 << 10];
        loop {
            let length = server.read(&mut bytes)?;
            if length == 0 {
                return Ok(());
            }
            if self.state().flow == Flow::Open {
                client.write_all(&bytes[..length])?;
            }
        }
    }

    fn carry_statements(&self, mut client: &TcpStream, mut server: &TcpStream) -> io::Result<()> {
        loop {
            let first = Message::read(&mut client, false)?;
            if first.asks_for_encryption() {
                // "N": no encryption here. The client goes on without, or not at all.
                client.write_all(b"N")?;
                continue;
            }
            server.write_all(&first.bytes)?;
            break;
        }
        let mut sent = Sent::default();
        loop {
            let message = Message::read(&mut client, true)?;
            match self.pass(sent.with(&message)) {
                Flow::Open => server.write_all(&message.bytes)?,
                Flow::Breaking => {
                    let written = server.write_all(&message.bytes);
                    self.state().flow = Flow::Broken;
                    self.has_broken.notify_all();
                    return written.and(hold(client));
                }
                Flow::Broken => return hold(client),
            }
        }
    }

    /// Takes note of statements on their way, and says whether they may pass: `Breaking` if they
    /// are the last that do.
    fn pass(&self, statements: Vec<String>) -> Flow {
        let mut state = self.state();
        if state.flow != Flow::Open {
            return Flow::Broken;
        }
        state.statements.extend(statements);
        if state.breaks_at.is_some_and(|n| state.statements.len() >= n) {
            state.flow = Flow::Breaking;
        }
        state.flow
    }

    /// Waits until the wire breaks; `false` if the binary ended before.
    fn broken(&self, child: &mut Child) -> bool {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.state();
        while state.flow != Flow::Broken {
            if child.try_wait().expect("look after the binary").is_some() {
                return false;
            }
            if Instant::now() > deadline {
                child.kill().expect("kill the binary");
                panic!("the binary hangs; it has sent {:#?}", state.statements);
            }
            let woken = self.has_broken.wait_timeout(state, LOOK_EVERY);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Cuts every connection; nobody gets another one.
    fn cut(&self) {
        let mut state = self.state();
        state.flow = Flow::Broken;
        for end in state.ends.drain(..) {
            // It may have been closed already.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

/// Holds a connection of which nothing passes any more, until it is cut.
fn hold(mut client: &TcpStream) -> io::Result<()> {
    io::copy(&mut client, &mut io::sink()).map(drop)
}
