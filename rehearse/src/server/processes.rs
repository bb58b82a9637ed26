//! Signals and process lists, which the standard library leaves to the operating system's own tools.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[derive(Debug, PartialEq, Eq)]
struct Process {
    id: u32,
    parent: u32,
    /// Ended, but its parent has not taken notice yet. It holds nothing any more.
    is_zombie: bool,
}

/// Sends a signal (`"QUIT"`, `"KILL"`) to each process. Through a shell, whose `kill` is built in:
/// a small container has no other.
pub(super) fn signal(name: &str, ids: &[u32]) -> io::Result<()> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", r#"name=$1; shift; kill -s "$name" "$@""#, "kill", name]);
    command.args(ids.iter().map(u32::to_string)).stdin(Stdio::null());
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

pub(super) fn children_of(parent: u32) -> io::Result<Vec<u32>> {
    let all = processes()?;
    Ok(all
        .into_iter()
        .filter(|process| process.parent == parent)
        .map(|process| process.id)
        .collect())
}

/// Waits until none of these processes runs any more.
pub(super) fn wait_until_gone(ids: &[u32], timeout: Duration) -> io::Result<()> {
    let deadline = Instant::now() + timeout;
    while processes()?.iter().any(|process| !process.is_zombie && ids.contains(&process.id)) {
        if Instant::now() >= deadline {
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn processes() -> io::Result<Vec<Process>> {
    if Path::new("/proc/self/stat").exists() { from_proc() } else { from_ps() }
}

fn from_proc() -> io::Result<Vec<Process>> {
    let entries = fs::read_dir("/proc")?;
    // A process may end between the listing and the reading: then there is nothing to read.
    let stats =
        entries.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    Ok(stats.filter_map(|stat| parse_stat(&stat)).collect())
}

/// `4711 (name) S 4700 …`, where the name may hold anything, blanks and parentheses too.
fn parse_stat(stat: &str) -> Option<Process> {
    let (id, rest) = stat.split_once(" (")?;
    let mut fields = rest.rsplit_once(')')?.1.split_whitespace();
    let is_zombie = matches!(fields.next()?, "Z" | "X");
    Some(Process { id: id.parse().ok()?, parent: fields.next()?.parse().ok()?, is_zombie })
}

fn from_ps() -> io::Result<Vec<Process>> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid=,stat="]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse_ps).collect())
}

fn parse_ps(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let (id, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Process { id, parent, is_zombie: fields.next()?.starts_with('Z') })
}

#[cfg(test)]
mod tests {
    use super::{Process, parse_ps, parse_stat, processes};

    #[test]
    fn reads_proc() {
        let stat = "4711 (a) b (c)) S 4700 4711 4711 0 -1 4194560";
        assert_eq!(parse_stat(stat), Some(Process { id: 4711, parent: 4700, is_zombie: false }));
        assert_eq!(parse_stat("1 (x) Z 0 1"), Some(Process { id: 1, parent: 0, is_zombie: true }));
        assert_eq!(parse_stat("nonsense"), None);
    }

    #[test]
    fn reads_ps() {
        assert_eq!(
            parse_ps("  4711  4700 Ss+"),
            Some(Process { id: 4711, parent: 4700, is_zombie: false })
        );
        assert_eq!(
            parse_ps(" 4711 4700 Z"),
            Some(Process { id: 4711, parent: 4700, is_zombie: true })
        );
        assert_eq!(parse_ps(""), None);
    }

    #[test]
    fn finds_this_process() -> std::io::Result<()> {
        assert!(
            processes()?
                .iter()
                .any(|process| process.id == std::process::id() && !process.is_zombie)
        );
        Ok(())
    }
}
