//! What the application feels while a step of the rollout runs, beside what it feels while the plain
//! form of the same step does: CREATE INDEX without CONCURRENTLY, SET NOT NULL without a proof,
//! foreign keys that are validated at once.
//!
//! `make bench` runs it at 1 M and 4 M rows and writes its section of `docs/benchmarks.md`. With
//! numbers of rows as arguments it only prints: `cargo bench -p rehearse --bench latency -- 200000`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench is its own command line")]

mod stage;
mod steps;
mod table;

use std::path::Path;

use stage::Outcome;

const SIZES: [u64; 2] = [1_000_000, 4_000_000];

/// The lines between which the figures stand.
const BEGIN: &str = "<!-- latency: written by make bench -->";
const END: &str = "<!-- latency: end -->";

#[tokio::main]
async fn main() -> Outcome<()> {
    // Cargo passes `--bench`.
    let asked: Vec<u64> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked.clone() };
    let mut measured = Vec::new();
    for rows in sizes {
        eprintln!("latency at {rows} rows");
        measured.push(stage::measure(rows).await?);
    }
    let text = table::render(&measured);
    println!("{text}");
    if asked.is_empty() { write(&text) } else { Ok(()) }
}

/// Puts the figures into the document, in place of those there.
fn write(text: &str) -> Outcome<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md");
    let document = std::fs::read_to_string(&path)?;
    let place = document.split_once(BEGIN).and_then(|(before, rest)| {
        rest.split_once(END).map(|(_, after)| format!("{before}{BEGIN}\n\n{text}\n{END}{after}"))
    });
    let document = place.ok_or_else(|| format!("{} has no place for it", path.display()))?;
    Ok(std::fs::write(path, document)?)
}
