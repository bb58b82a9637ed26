//! A report in a file: whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Format;

/// A file that a report goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// In which format.
    pub format: Format,
    /// Where.
    pub path: PathBuf,
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("write the report to {}: {source}", path.display())]
pub struct OutputError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Output {
    /// Reads `FORMAT=FILE`.
    ///
    /// # Errors
    /// A message for the one who typed it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = Format::ALL.map(Format::name).join(", ");
        let Some((format, path)) = text.split_once('=') else {
            return Err(format!("write it as FORMAT=FILE, with a format of {names}"));
        };
        let Some(format) = Format::named(format) else {
            return Err(format!("no format `{format}`; there are {names}"));
        };
        if path.is_empty() {
            return Err("no file is named behind the `=`".to_owned());
        }
        Ok(Self { format, path: PathBuf::from(path) })
    }

    /// Looks whether there is a place for the file, before much work is done for it.
    ///
    /// # Errors
    /// [`OutputError`] where there is none.
    pub fn check(&self) -> Result<(), OutputError> {
        let place = self.place();
        let checked = if place.is_dir() {
            Err(io::Error::from(io::ErrorKind::IsADirectory))
        } else {
            fs::metadata(directory(&place)).and_then(|directory| {
                if directory.is_dir() {
                    Ok(())
                } else {
                    Err(io::Error::from(io::ErrorKind::NotADirectory))
                }
            })
        };
        checked.map_err(|source| self.error(source))
    }

    /// Writes the file beside its place and moves it there, so that nobody ever reads half of
    /// it. A pipe or a terminal takes it as it comes.
    ///
    /// # Errors
    /// [`OutputError`] with what the system said; the file is then as it was.
    pub fn write(&self, text: &str) -> Result<(), OutputError> {
        let place = self.place();
        let is_special = fs::metadata(&place).is_ok_and(|found| !found.is_file());
        let written = if is_special { fs::write(&place, text) } else { replace(&place, text) };
        written.map_err(|source| self.error(source))
    }

    /// Where the file really is: links stay links.
    fn place(&self) -> PathBuf {
        fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    fn error(&self, source: io::Error) -> OutputError {
        OutputError { path: self.path.clone(), source }
    }
}

fn directory(place: &Path) -> &Path {
    match place.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn replace(place: &Path, text: &str) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let beside = directory(place).join(name);
    let moved = fill(&beside, text).and_then(|()| fs::rename(&beside, place));
    if moved.is_err() {
        // What was wrong has been said already; the leftover is only tidied away.
        let _ = fs::remove_file(&beside);
    }
    moved
}

fn fill(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_a_format_and_a_file() {
        let json = Output::parse("json=out/a=b.json");
        let expected = Output { format: Format::Json, path: PathBuf::from("out/a=b.json") };
        assert_eq!(json, Ok(expected));
        for wrong in ["json", "json=", "yaml=x", "=x"] {
            assert!(Output::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("report.json");
        let output = Output { format: Format::Json, path: path.clone() };
        for text in ["first, and longer", "second"] {
            output.write(text).map_err(|error| error.source)?;
            assert_eq!(fs::read_to_string(&path)?, text);
        }
        assert_eq!(fs::read_dir(directory.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_place_that_is_none_is_found_out_beforehand() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        for path in [directory.path().join("missing/report.json"), directory.path().to_owned()] {
            let output = Output { format: Format::Text, path };
            assert!(output.check().is_err(), "{output:?}");
            assert!(output.write("x").is_err(), "{output:?}");
        }
        Ok(())
    }
}
