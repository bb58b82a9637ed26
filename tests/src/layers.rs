//! The house has rooms: which may use which, who knows the terminal, and how large they are. And
//! what the documents tell people to type exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::Tool;

/// The rooms, each behind those it may use.
const ROOMS: [&str; 6] = ["isolation", "entity", "validate", "migration", "backfill", "rehearse"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a folder, by its path from the root.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = folder.join(entry.file_name());
            if entry.file_type().expect("its type").is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The lines of a file that are code, with their numbers.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = read(path);
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.starts_with("//"))
        .map(|(n, line)| (n + 1, line.to_owned()))
        .collect()
}

/// What each room may use, as the table of `docs/architecture.md` has it.
fn may_use() -> BTreeMap<String, BTreeSet<String>> {
    let text = read("docs/architecture.md");
    let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for room in ROOMS {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{room}` |")));
        let row = row.unwrap_or_else(|| panic!("no row of {room} in the table of rooms"));
        let column = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default().trim();
        let names = |list: &str| -> BTreeSet<String> {
            list.split(',').map(|name| name.trim().to_owned()).filter(|name| name != "—").collect()
        };
        let allowed = match column.strip_prefix("all above") {
            None => names(column),
            Some(but) => {
                let but = names(but.trim().trim_start_matches("but").trim());
                rules.keys().filter(|earlier| !but.contains(*earlier)).cloned().collect()
            }
        };
        rules.insert(room.to_owned(), allowed);
    }
    rules
}

#[test]
fn the_table_of_rooms_allows_no_more_than_the_design() {
    let design: [(&str, &[&str]); 6] = [
        ("isolation", &[]),
        ("entity", &[]),
        ("validate", &["isolation"]),
        ("migration", &["isolation", "validate"]),
        ("backfill", &["isolation", "entity"]),
        ("rehearse", &["isolation", "entity", "validate", "migration", "backfill"]),
    ];
    let rules = may_use();
    for (room, allowed) in design {
        for other in &rules[room] {
            assert!(allowed.contains(&other.as_str()), "{room} may not use {other}");
        }
    }
}

#[test]
fn no_room_depends_on_one_it_may_not_use() {
    for (room, allowed) in may_use() {
        let manifest: toml::Table = read(format!("{room}/Cargo.toml")).parse().expect("TOML");
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let dependencies = dependencies.expect("dependencies").keys();
        for other in dependencies.filter(|name| ROOMS.contains(&name.as_str())) {
            assert!(allowed.contains(other), "{room}/Cargo.toml: {other}");
        }
        assert!(!manifest.contains_key("build-dependencies"), "{room}");
    }
}

#[test]
fn no_line_names_a_room_its_own_may_not_use() {
    for (room, allowed) in may_use() {
        for path in sources(&format!("{room}/src")) {
            for (number, line) in code(&path) {
                for other in ROOMS.iter().filter(|other| **other != room) {
                    let names_it = line.starts_with(&format!("use {other}::"))
                        || line.starts_with(&format!("pub use {other}::"))
                        || line.contains(&format!(" {other}::"))
                        || line.contains(&format!("({other}::"));
                    let is_allowed = allowed.contains(*other);
                    assert!(is_allowed || !names_it, "{}:{number}: {line}", path.display());
                }
            }
        }
    }
}

/// Whether a file belongs to a crate's command line.
fn is_command_line(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "main.rs" || name == "cli.rs")
        || path.components().any(|part| part.as_os_str() == "cli")
}

#[test]
fn only_the_command_lines_know_clap_the_terminal_and_exit_statuses() {
    let theirs = [
        "clap::",
        "io::stdout",
        "Stdout",
        "ExitCode",
        "process::exit",
        "println!",
        "print!(",
        "indicatif::",
        "IsTerminal",
        "isolation::cli",
        "crate::cli",
    ];
    let mut doors = Vec::new();
    for room in ROOMS {
        for path in sources(&format!("{room}/src")) {
            if is_command_line(&path) || path.ends_with("tests.rs") {
                continue;
            }
            for (number, line) in code(&path) {
                if theirs.iter().any(|word| line.contains(word)) {
                    doors.push(format!("{}:{number}: {line}", path.display()));
                }
            }
        }
    }
    assert!(doors.is_empty(), "{}", doors.join("\n"));
}

#[test]
fn the_entities_know_no_sqlstate_and_the_session_alone_does() {
    let mut doors = Vec::new();
    for room in ROOMS {
        for path in sources(&format!("{room}/src")) {
            if path.ends_with("session/sqlstate.rs") {
                continue;
            }
            for (number, line) in code(&path) {
                // A match on the code itself; raising one in SQL, and asserting on one, is another matter.
                if ["\"55P03\"", "\"40P01\"", "\"40001\"", "\"57014\"", "\"42501\""]
                    .iter()
                    .any(|c| line.contains(c))
                {
                    doors.push(format!("{}:{number}: {line}", path.display()));
                }
            }
        }
    }
    assert!(doors.is_empty(), "one place classifies SQLSTATE:\n{}", doors.join("\n"));
}

#[test]
fn no_file_has_more_than_400_lines_or_a_name_that_says_nothing() {
    let mut faults = Vec::new();
    for folder in ROOMS.iter().map(|room| format!("{room}/src")).chain(["tests/src".to_owned()]) {
        for path in sources(&folder) {
            let lines = read(&path).lines().count();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if lines > 400 {
                faults.push(format!("{}: {lines} lines", path.display()));
            }
            if ["utils", "util", "common", "helpers", "helper", "manager", "misc"].contains(&stem) {
                faults.push(format!("{}: a name that says nothing", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The command lines that the documents show: in fences a line each, elsewhere between backticks.
fn shown_commands() -> Vec<(String, String)> {
    let mut shown = Vec::new();
    let docs = fs::read_dir(root().join("docs")).expect("docs");
    let docs = docs.map(|entry| Path::new("docs").join(entry.expect("an entry").file_name()));
    for path in docs.chain([PathBuf::from("README.md")]) {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = read(&path);
        let mut is_fenced = false;
        for line in text.lines() {
            if line.starts_with("```") {
                is_fenced = !is_fenced;
                continue;
            }
            let pieces: Vec<&str> = if is_fenced {
                line.split(" #").take(1).collect()
            } else {
                line.split('`').skip(1).step_by(2).collect()
            };
            let is_command = |piece: &&str| {
                let first = piece.split_whitespace().next();
                first.is_some_and(|first| ["migration", "validate", "backfill"].contains(&first))
            };
            let commands = pieces.into_iter().map(str::trim).filter(is_command);
            shown.extend(commands.map(|command| (path.display().to_string(), command.to_owned())));
        }
    }
    shown
}

#[test]
fn the_documents_show_only_commands_and_options_that_there_are() {
    let shown = shown_commands();
    assert!(shown.len() > 20, "{shown:?}");
    for (path, command) in shown {
        let mut words = command.split_whitespace();
        let binary = words.next().expect("a binary");
        let rest: Vec<_> = words.take_while(|word| !word.contains(['|', '>'])).collect();
        let subcommand = rest.first().copied().filter(|word| !word.starts_with('-'));
        let help = Tool::new(binary).words(subcommand.unwrap_or_default()).arg("--help").run();
        assert_eq!(help.status, 0, "{path}: `{command}`: {}", help.stderr);
        for option in rest.iter().filter(|word| word.starts_with("--")) {
            let name = option.split('=').next().unwrap_or(option);
            assert!(help.stdout.contains(name), "{path}: `{command}`: there is no {name}");
        }
    }
}
