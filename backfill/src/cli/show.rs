//! Progress on stderr: bars on a terminal, a plain line every few seconds elsewhere.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::plan_table::percent;
use crate::pace::{Pace, seconds_left};
use crate::progress::{Event, TableProgress};

/// How often a plain line is written for a table.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows what an engine says.
pub(super) struct Reporter {
    state: RefCell<State>,
}

struct State {
    display: Display,
    paces: BTreeMap<String, Pace>,
}

enum Display {
    Quiet,
    Bars { all: MultiProgress, bars: BTreeMap<String, ProgressBar> },
    Lines { shown: BTreeMap<String, i64>, next_at: Option<Instant> },
}

impl Reporter {
    pub(super) fn new(quiet: bool) -> Self {
        let display = if quiet {
            Display::Quiet
        } else if std::io::stderr().is_terminal() {
            Display::Bars { all: MultiProgress::new(), bars: BTreeMap::new() }
        } else {
            Display::Lines { shown: BTreeMap::new(), next_at: None }
        };
        Self { state: RefCell::new(State { display, paces: BTreeMap::new() }) }
    }

    pub(super) fn show(&self, event: &Event) {
        match event {
            Event::Planned(_) => {}
            Event::Enqueued { id } => tracing::info!("backfill {id} is planned"),
            Event::Resumed { id, since } => {
                tracing::info!("going on with backfill {id}, unfinished since {since}");
            }
            Event::Swept { sweep, rows } => {
                tracing::info!(
                    "{rows} rows have arrived meanwhile without a workspace: going round again (sweep {sweep})"
                );
            }
            Event::Progressed(tables) => {
                self.state.borrow_mut().progressed(tables, Instant::now());
            }
        }
    }

    /// Takes the bars away, so that what follows stands alone.
    pub(super) fn clear(&self) {
        if let Display::Bars { all, bars } = &mut self.state.borrow_mut().display {
            bars.values().for_each(ProgressBar::finish_and_clear);
            bars.clear();
            // A terminal that cannot be cleared keeps its bars.
            let _ = all.clear();
        }
    }
}

impl State {
    fn progressed(&mut self, tables: &[TableProgress], now: Instant) {
        let Self { display, paces } = self;
        for table in tables {
            paces.entry(table.table.clone()).or_default().observe(now, table.processed);
        }
        let pace =
            |table: &TableProgress| paces.get(&table.table).map_or(0.0, Pace::rows_per_second);
        match display {
            Display::Quiet => {}
            Display::Bars { all, bars } => {
                for table in tables {
                    let bar =
                        bars.entry(table.table.clone()).or_insert_with(|| all.add(bar(table)));
                    bar.set_position(u64::try_from(table.processed).unwrap_or_default());
                    bar.set_message(speed(table, pace(table)));
                }
            }
            Display::Lines { shown, next_at } => {
                let is_due = next_at.is_none_or(|at| now >= at);
                for table in tables {
                    if is_worth_a_line(table, shown, is_due) {
                        write_line(&line(table, pace(table)));
                        shown.insert(table.table.clone(), table.processed);
                    }
                }
                if is_due {
                    *next_at = Some(now + LINE_EVERY);
                }
            }
        }
    }
}

/// A table is shown every few seconds while it moves, and once, at once, when it is done.
fn is_worth_a_line(table: &TableProgress, shown: &BTreeMap<String, i64>, is_due: bool) -> bool {
    let has_moved = shown.get(&table.table).copied().unwrap_or_default() != table.processed;
    has_moved && (is_due || table.processed >= table.target_rows)
}

fn bar(table: &TableProgress) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:24} {wide_bar} {human_pos}/{human_len}{msg}");
    ProgressBar::new(u64::try_from(table.target_rows).unwrap_or_default())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_prefix(table.table.clone())
}

/// `policies 12000/50000 (24 %), 15000 rows/s, about 3 s left`
fn line(table: &TableProgress, rows_per_second: f64) -> String {
    let TableProgress { table: name, target_rows, processed } = table;
    format!(
        "{name} {processed}/{target_rows} ({} %){}",
        percent(*processed, *target_rows),
        speed(table, rows_per_second)
    )
}

/// `, 15000 rows/s, about 3 s left`
fn speed(table: &TableProgress, rows_per_second: f64) -> String {
    if rows_per_second < 1.0 {
        return String::new();
    }
    match seconds_left(table.target_rows - table.processed, rows_per_second) {
        Some(seconds) if seconds > 0 => {
            format!(", {rows_per_second:.0} rows/s, about {seconds} s left")
        }
        _ => format!(", {rows_per_second:.0} rows/s"),
    }
}

fn write_line(line: &str) {
    // With stderr gone there is nobody left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_how_long() {
        let table = |processed| TableProgress {
            table: "policies".to_owned(),
            target_rows: 50_000,
            processed,
        };
        insta::assert_snapshot!(line(&table(12_000), 15_000.0), @"policies 12000/50000 (24 %), 15000 rows/s, about 3 s left");
        insta::assert_snapshot!(line(&table(50_000), 15_000.0), @"policies 50000/50000 (100 %), 15000 rows/s");
        insta::assert_snapshot!(line(&table(0), 0.0), @"policies 0/50000 (0 %)");
    }
}
