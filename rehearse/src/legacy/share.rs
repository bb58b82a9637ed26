//! How many rows each table gets.

use super::{Loaded, TableRows, Volume};

/// The tables that are filled, parents first, with their share of all rows in thousandths. The last one
/// takes what is left over.
const SHARES: [(&str, u64); 13] = [
    ("policies", 80),
    ("policy_versions", 180),
    ("backup_sets", 10),
    ("backup_items", 220),
    ("restore_runs", 5),
    ("backup_schedules", 1),
    ("inventory_items", 160),
    ("inventory_links", 70),
    ("entra_groups", 30),
    ("findings", 110),
    ("entra_role_definitions", 9),
    ("tenant_permissions", 5),
    ("audit_logs", 120),
];

/// The tables that [`Volume::rows`] is spread over: the twelve that belong to tenants, and the audit trail.
pub const TABLES: [&str; 13] = {
    let mut names = [""; 13];
    let mut i = 0;
    while i < names.len() {
        names[i] = SHARES[i].0;
        i += 1;
    }
    names
};

/// The fewest rows there can be: one in each table.
pub const SMALLEST: u64 = SHARES.len() as u64;

/// A volume worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) seed: i64,
    pub(super) workspaces: u64,
    pub(super) tenants: u64,
    pub(super) unclaimed_tenants: u64,
    rows: [u64; SHARES.len()],
}

impl Shape {
    pub(super) fn of(volume: &Volume) -> Self {
        let total = volume.rows.max(SMALLEST);
        // A larger system has more customers as well as larger ones: 223 tenants own 200 000 rows, 707
        // own 2 million.
        let tenants = (total.isqrt() / 2).max(3);
        Self {
            seed: volume.seed,
            workspaces: (tenants / 5).max(2),
            tenants,
            unclaimed_tenants: volume.unclaimed_tenants,
            rows: spread(total),
        }
    }

    /// Rows of one of [`TABLES`]; none of any other.
    pub(super) fn rows_of(&self, table: &str) -> u64 {
        TABLES.iter().zip(self.rows).find(|(name, _)| **name == table).map_or(0, |(_, rows)| rows)
    }

    pub(super) fn loaded(&self) -> Loaded {
        let tables = TABLES.iter().zip(self.rows).map(|(table, rows)| TableRows { table, rows });
        Loaded {
            workspaces: self.workspaces,
            tenants: self.tenants,
            unclaimed_tenants: self.unclaimed_tenants,
            tables: tables.collect(),
        }
    }
}

/// One row for each table first, then the shares of what is left.
fn spread(total: u64) -> [u64; SHARES.len()] {
    let rest = total - SMALLEST;
    let mut rows = SHARES.map(|(_, share)| 1 + rest / 1000 * share + rest % 1000 * share / 1000);
    let given: u64 = rows.iter().sum();
    rows[SHARES.len() - 1] += total - given;
    rows
}

#[cfg(test)]
mod tests {
    use super::{SHARES, SMALLEST, Shape, spread};
    use crate::legacy::Volume;

    #[test]
    fn shares_are_thousandths() {
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<u64>(), 1000);
    }

    #[test]
    fn every_row_is_spread() {
        for total in (SMALLEST..3000).chain([200_000, 2_000_000, 123_456_789]) {
            let rows = spread(total);
            assert_eq!(rows.iter().sum::<u64>(), total);
            assert!(rows.iter().all(|rows| *rows > 0));
        }
    }

    #[test]
    fn tenants_grow_with_the_rows() {
        let tenants =
            [0, 10_000, 200_000, 2_000_000].map(|rows| Shape::of(&Volume::of_rows(rows)).tenants);
        assert_eq!(tenants, [3, 50, 223, 707]);
    }
}
