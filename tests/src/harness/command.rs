//! The binaries, run as people run them.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A binary with its arguments and environment, which is clean but for what the test sets.
pub(crate) struct Tool {
    command: Command,
}

/// What a binary answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exit status.
    pub(crate) status: i32,
    /// Everything on stdout.
    pub(crate) stdout: String,
    /// Everything on stderr.
    pub(crate) stderr: String,
}

/// Where cargo put the binary: beside this test binary's folder.
pub(crate) fn binary(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("the test binary's path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    let path = path.join(name);
    assert!(path.exists(), "{} is not built: run `make test`", path.display());
    path
}

impl Tool {
    pub(crate) fn new(name: &str) -> Self {
        let mut command = Command::new(binary(name));
        command.env_clear().stdin(Stdio::null());
        Self { command }
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Adds arguments, split at spaces.
    pub(crate) fn words(mut self, words: &str) -> Self {
        self.command.args(words.split_whitespace());
        self
    }

    /// Adds one argument as it is.
    pub(crate) fn arg(mut self, arg: &str) -> Self {
        self.command.arg(arg);
        self
    }

    /// Sends stdout elsewhere; the answer has none then.
    pub(crate) fn stdout_to(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    /// Sends stderr elsewhere; the answer has none then.
    pub(crate) fn stderr_to(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stderr(to);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Answer {
        let output = self.command.output().expect("run the binary");
        Answer::of(output)
    }

    /// Starts it; whoever starts it waits for it.
    pub(crate) fn spawn(mut self) -> Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.spawn().expect("start the binary")
    }
}

impl Answer {
    /// What a started binary answered in the end.
    pub(crate) fn of(output: std::process::Output) -> Self {
        Self {
            // A signal's death has no status; shells say 128 and its number.
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }

    /// Asserts the exit status.
    #[track_caller]
    pub(crate) fn is(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that stderr says this.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "no `{words}` on stderr:\n{}", self.stderr);
        self
    }

    /// Asserts that stdout says this.
    #[track_caller]
    pub(crate) fn prints(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "no `{words}` on stdout:\n{}", self.stdout);
        self
    }

    /// Asserts that the last line of stderr names the next thing to do.
    #[track_caller]
    pub(crate) fn next(self, words: &str) -> Self {
        let last = self.stderr.trim_end().lines().last().unwrap_or_default();
        assert!(last.starts_with("next: ") && last.contains(words), "stderr:\n{}", self.stderr);
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr)
        })
    }
}
