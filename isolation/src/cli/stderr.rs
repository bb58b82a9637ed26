//! Where log lines go: stderr, for as long as there is one.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// Writes to stderr, and loses what cannot be written there.
///
/// tracing's own answer to a line it cannot write is `eprintln!`, which panics where stderr is a
/// closed pipe or a full disk: `migration up 2>&1 >/dev/null | head` would end in the middle of a
/// phase. A lost line must never stop a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forgiving;

impl<'a> MakeWriter<'a> for Forgiving {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

impl Write for Forgiving {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().lock().write_all(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stderr().lock().flush();
        Ok(())
    }
}
