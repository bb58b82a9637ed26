//! PostgreSQL's protocol 3, as far as it takes to tell which statement is sent when: see "Message
//! Formats" and "Message Flow" in its documentation.

use std::collections::HashMap;
use std::io::{self, Read};

/// The greatest message that a test has any business sending.
const LONGEST: usize = 64 << 20;
const SSL_REQUEST: u32 = 80_877_103;
const GSS_ENCRYPTION_REQUEST: u32 = 80_877_104;

/// How statements that change or lock nothing begin. Everything else counts, whatever the
/// toolkit will think of.
const HARMLESS: [&str; 8] =
    ["SELECT", "SHOW", "SET", "RESET", "BEGIN", "START", "ROLLBACK", "DISCARD"];

/// What makes a query change or lock something. One that only seems to does no harm.
const EVENTFUL: [&str; 7] =
    ["INSERT ", "UPDATE ", "DELETE ", "FOR UPDATE", "KEY UPDATE", "FOR SHARE", "ADVISORY_LOCK"];

/// A message as it was sent, its length and all.
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    has_type: bool,
}

impl Message {
    /// The next one of a connection. Only those at its beginning have no type.
    pub(super) fn read(from: &mut impl Read, has_type: bool) -> io::Result<Self> {
        let mut bytes = vec![0; usize::from(has_type) + 4];
        from.read_exact(&mut bytes)?;
        let length = int(&bytes[usize::from(has_type)..]) as usize;
        if !(4..LONGEST).contains(&length) {
            return Err(io::Error::other("this is not PostgreSQL's protocol"));
        }
        let head = bytes.len();
        bytes.resize(head + length - 4, 0);
        from.read_exact(&mut bytes[head..])?;
        Ok(Self { bytes, has_type })
    }

    /// Whether it asks for encryption, which would hide everything that follows.
    pub(super) fn asks_for_encryption(&self) -> bool {
        let code = self.body().get(..4).map(int);
        !self.has_type && matches!(code, Some(SSL_REQUEST | GSS_ENCRYPTION_REQUEST))
    }

    fn body(&self) -> &[u8] {
        &self.bytes[usize::from(self.has_type) + 4..]
    }
}

fn int(bytes: &[u8]) -> u32 {
    bytes[..4].iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// What one connection has prepared, bound, and asked to be executed.
#[derive(Default)]
pub(super) struct Sent {
    prepared: HashMap<String, String>,
    portals: HashMap<String, String>,
    pending: Vec<String>,
    /// Whether there is something for a COMMIT to commit.
    has_changed: bool,
}

impl Sent {
    /// The statements that change or lock something among those that the server will carry out
    /// once it has this message. A COMMIT is one of them if there is something to commit.
    ///
    /// Those of the extended protocol come with the Sync that follows: it is what commits them
    /// where no transaction is open, and without it they leave nothing behind.
    pub(super) fn with(&mut self, message: &Message) -> Vec<String> {
        let mut eventful = self.carried_out_with(message);
        eventful.retain(|sql| match sql.as_str() {
            "COMMIT" => std::mem::take(&mut self.has_changed),
            "BEGIN" | "ROLLBACK" => {
                self.has_changed = false;
                false
            }
            sql => {
                let is_eventful = is_eventful(sql);
                self.has_changed |= is_eventful;
                is_eventful
            }
        });
        eventful
    }

    fn carried_out_with(&mut self, message: &Message) -> Vec<String> {
        let mut words = message.body().split(|byte| *byte == 0);
        let mut word = || String::from_utf8_lossy(words.next().unwrap_or_default()).into_owned();
        match message.bytes[0] {
            b'Q' => return vec![word()],
            b'P' => drop(self.prepared.insert(word(), word())),
            b'B' => {
                let (portal, statement) = (word(), word());
                let sql = self.prepared.get(&statement).cloned().unwrap_or_default();
                self.portals.insert(portal, sql);
            }
            b'E' => self.pending.extend(self.portals.get(&word()).cloned()),
            b'S' | b'H' => return std::mem::take(&mut self.pending),
            _ => {}
        }
        Vec::new()
    }
}

/// A message's statements, without the comments.
fn statements(sql: &str) -> Vec<String> {
    let code = |line: &str| line.split("--").next().unwrap_or_default().to_uppercase();
    let code: Vec<_> = sql.lines().map(code).collect();
    code.join("\n").split(';').map(|statement| statement.trim().to_owned()).collect()
}

/// The first word of a statement.
fn beginning(statement: &str) -> &str {
    statement.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default()
}

/// Whether a statement, or one of several in one message, changes or locks something. What looks
/// like a statement inside a function's body does no harm: who sends one creates something.
fn is_eventful(sql: &str) -> bool {
    statements(sql).iter().any(|statement| match beginning(statement) {
        "" => false,
        "WITH" | "SELECT" => EVENTFUL.iter().any(|words| statement.contains(words)),
        first => !HARMLESS.contains(&first),
    })
}

#[cfg(test)]
mod tests {
    use super::{Message, Sent, is_eventful};

    fn message(kind: u8, body: &[u8]) -> Message {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        let bytes = [&[kind], length.as_slice(), body].concat();
        Message::read(&mut bytes.as_slice(), true).unwrap()
    }

    #[test]
    fn a_prepared_statement_is_carried_out_at_its_sync() {
        let mut sent = Sent::default();
        assert!(sent.with(&message(b'P', b"s1\0DELETE FROM a\0\0\0")).is_empty());
        assert!(sent.with(&message(b'P', b"s2\0DELETE FROM b\0\0\0")).is_empty());
        assert!(sent.with(&message(b'S', b"")).is_empty());
        for _ in 0..2 {
            assert!(sent.with(&message(b'B', b"\0s1\0\0\0\0\0\0\0")).is_empty());
            assert!(sent.with(&message(b'E', b"\0\0\0\0\0")).is_empty());
            assert_eq!(sent.with(&message(b'S', b"")), ["DELETE FROM a"]);
        }
    }

    #[test]
    fn a_commit_counts_where_there_is_something_to_commit() {
        let mut sent = Sent::default();
        let mut query = |sql: &[u8]| sent.with(&message(b'Q', &[sql, b"\0"].concat())).len();
        assert_eq!((query(b"BEGIN"), query(b"SELECT 1"), query(b"COMMIT")), (0, 0, 0));
        assert_eq!((query(b"BEGIN"), query(b"DELETE FROM a"), query(b"COMMIT")), (0, 1, 1));
        assert_eq!((query(b"DELETE FROM a"), query(b"ROLLBACK"), query(b"COMMIT")), (1, 0, 0));
    }

    #[test]
    fn what_changes_or_locks_something_is_told_from_what_reads() {
        for sql in [
            "-- why\nANALYZE a",
            "set lock_timeout = 0; lock table a in share mode",
            "WITH due AS (SELECT 1) UPDATE a SET b = 1",
            "SELECT pg_try_advisory_lock($1, $2)",
            "SELECT 1 FROM a FOR NO KEY UPDATE SKIP LOCKED",
            "CREATE INDEX CONCURRENTLY i ON a (b)",
        ] {
            assert!(is_eventful(sql), "{sql}");
        }
        for sql in [
            "",
            "BEGIN; SET LOCAL x = 1",
            "(SELECT 1)",
            "SELECT updated_at FROM a",
            "-- why; and\nSELECT 1",
            "\n WITH a AS (SELECT 1) SELECT 2",
        ] {
            assert!(!is_eventful(sql), "{sql}");
        }
    }
}
