//! What waits for whom: the rollout waits where that blocks nobody, and gives way where it does.

mod builds;
mod deadlocks;
mod line;
mod vacuum;

use crate::harness::Database;

/// Whether a session of the rollout waits for a lock on this table.
fn waits_for(db: &Database, table: &str) -> bool {
    db.number(&format!(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
         WHERE l.relation = '{table}'::regclass AND NOT l.granted
           AND a.application_name = 'workspace-isolation migration'"
    )) == 1
}
