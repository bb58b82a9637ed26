//! What waits for whom: the rollout waits where that blocks nobody, and gives way where it does.

mod builds;
mod vacuum;
