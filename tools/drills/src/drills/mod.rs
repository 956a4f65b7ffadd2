//! The drills, one file each, and their list.

mod backlog;
mod clock_ahead;
mod disk_full;
mod hanging_handler;
mod instance_frozen;
mod instance_lost;
mod kill_before_broadcast;
mod kill_server;
mod poison;
mod postgres_cut;
mod postgres_restarted;
mod redis_emptied;
mod redis_silent;
mod rolling_restart;
mod terminated;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

use crate::environment::Settings;
use crate::report::Outcome;
use crate::services::temp_dir::TempDir;

/// The function that runs a drill.
type Run = for<'a> fn(&'a Settings, &'a TempDir) -> LocalBoxFuture<'a, anyhow::Result<Outcome>>;

/// One kind of failure.
pub struct Drill {
    /// Its name for `--only`.
    pub name: &'static str,
    /// Its title in the table.
    pub title: &'static str,
    /// Whether it is part of every test run.
    pub in_short: bool,
    /// Causes the failure, and returns the outcome.
    pub run: Run,
}

macro_rules! drill {
    ($name:ident, $title:literal, $length:ident) => {
        Drill {
            name: stringify!($name),
            title: $title,
            in_short: length::$length,
            run: |settings, temp_dir| $name::run(settings, temp_dir).boxed_local(),
        }
    };
}

/// Whether a drill is part of every test run.
mod length {
    pub const SHORT: bool = true;
    pub const LONG: bool = false;
}

/// All drills.
pub const DRILLS: [Drill; 15] = [
    drill!(
        kill_server,
        "kill -9 of the server under load, repeatedly",
        SHORT
    ),
    drill!(
        kill_before_broadcast,
        "kill -9 between commit and broadcast",
        SHORT
    ),
    drill!(redis_emptied, "Redis killed and restarted empty", SHORT),
    drill!(
        redis_silent,
        "Redis connections stalled, behind HAProxy",
        LONG
    ),
    drill!(
        postgres_restarted,
        "PostgreSQL restarted, after a fast shutdown and after a crash",
        SHORT
    ),
    drill!(
        postgres_cut,
        "PostgreSQL connections cut mid-transaction",
        LONG
    ),
    drill!(disk_full, "SQLite on a full disk", LONG),
    drill!(
        instance_lost,
        "kill -9 of one of three instances, not restarted",
        LONG
    ),
    drill!(
        instance_frozen,
        "One of two instances frozen for 50 s",
        LONG
    ),
    drill!(
        clock_ahead,
        "kill -9 of an instance whose clock is three hours ahead",
        LONG
    ),
    drill!(terminated, "SIGTERM under load", SHORT),
    drill!(backlog, "A backlog at startup", LONG),
    drill!(poison, "Poison deliveries among good ones", SHORT),
    drill!(hanging_handler, "A handler that hangs", LONG),
    drill!(
        rolling_restart,
        "Rolling restart of three instances behind HAProxy",
        LONG
    ),
];
