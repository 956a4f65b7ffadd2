//! Time as the database keeps it.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, cut to microseconds: what `PostgreSQL` stores. A value that is read
/// back must equal the one that was written.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
