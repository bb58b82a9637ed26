//! A rollout that was cut anywhere goes on by asking again, and what has gone missing is put back.

mod cuts;
mod drift;
