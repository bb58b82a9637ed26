//! The summary of a workflow's step, in the file that the runner names.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::gate::Report;
use crate::report::summary;

/// The variable in which GitHub's runner names the file.
const VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// Appends the report to the step's summary, where there is one. The annotations are written
/// already and the verdict stands: a summary that cannot be written is a warning.
pub(super) fn append(report: &Report) {
    let Some(path) = named(std::env::var_os(VARIABLE)) else {
        return;
    };
    let path = Path::new(&path);
    if let Err(error) = append_to(path, &summary(report)) {
        tracing::warn!("failed to append the summary to {}: {error}", path.display());
    }
}

fn named(value: Option<OsString>) -> Option<OsString> {
    value.filter(|path| !path.is_empty())
}

/// In one write, behind what earlier steps' tools have put there.
fn append_to(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_names_no_file() {
        assert_eq!(named(None), None);
        assert_eq!(named(Some(OsString::new())), None);
        assert_eq!(named(Some("summary.md".into())), Some("summary.md".into()));
    }

    #[test]
    fn what_was_there_before_stays() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("summary.md");
        append_to(&path, "first\n")?;
        append_to(&path, "second\n")?;
        assert_eq!(std::fs::read_to_string(&path)?, "first\nsecond\n");
        assert!(append_to(directory.path(), "x").is_err());
        Ok(())
    }
}
