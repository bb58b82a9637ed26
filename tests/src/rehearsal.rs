//! The rehearsal as its binary: a verdict, a report, and nothing left behind.

use std::process::Command;

use crate::harness::{Answer, Tool, until};

/// The binary with a folder of its own for everything it makes.
fn rehearse(folder: &tempfile::TempDir) -> Tool {
    let path = std::env::var("PATH").unwrap_or_default();
    Tool::new("rehearse").env("PATH", &path).env("TMPDIR", folder.path().to_str().unwrap())
}

/// A folder that the server's unprivileged account may enter.
fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::Builder::new().prefix("wi").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    folder
}

fn is_empty(folder: &tempfile::TempDir) -> bool {
    std::fs::read_dir(folder.path()).unwrap().next().is_none()
}

#[test]
fn a_rehearsal_takes_every_row_through_and_says_what_the_traffic_felt() {
    let folder = folder();
    let page = tempfile::NamedTempFile::new().unwrap();
    let report = page.path().to_str().unwrap();
    let answer =
        rehearse(&folder).words("--rows 1500 --format json --report").arg(report).run().is(0);
    let findings = answer.json();
    assert_eq!(findings["failed_checks"], serde_json::json!([]));
    let steps: Vec<_> = findings["traffic"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            assert_eq!(step["errors"], 0, "{step}");
            step["name"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        steps,
        [
            "before the rollout",
            "migration up --phase 1",
            "migration up --phase 1.5",
            "backfill run",
            "validate",
            "migration up --phase 3",
            "validate --phase 3",
            "after the rollout"
        ]
    );
    let rows: u64 = findings["loaded"]["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["rows"].as_u64().unwrap())
        .sum();
    assert_eq!(rows, 1500);
    assert!(findings["rows_bound"].as_u64().unwrap() > 0);
    let page = std::fs::read_to_string(page.path()).unwrap();
    assert!(page.contains("passed") && page.contains("migration up --phase 1.5"), "{page}");
    assert!(is_empty(&folder), "the server's folder is left behind");
}

#[test]
fn interrupted_or_killed_it_leaves_nothing_behind() {
    for (signal, status) in [("INT", 75), ("TERM", 75), ("KILL", -1)] {
        let folder = folder();
        let child = rehearse(&folder).words("--rows 1500").spawn();
        until("the server's folder", || !is_empty(&folder));
        let pid = child.id().to_string();
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success()
        );
        Answer::of(child.wait_with_output().unwrap()).is(status);
        until("the folder is gone", || is_empty(&folder));
    }
}
