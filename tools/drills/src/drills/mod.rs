//! The drills, one file each, and the list of them.

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

use crate::report::Outcome;
use crate::services::scratch::Scratch;
use crate::stage::Settings;

/// What a drill does when run.
type Run = for<'a> fn(&'a Settings, &'a Scratch) -> LocalBoxFuture<'a, anyhow::Result<Outcome>>;

/// One way to do damage.
pub struct Drill {
    /// For `--only`.
    pub name: &'static str,
    /// For the table.
    pub title: &'static str,
    /// Part of every test run.
    pub in_short: bool,
    /// Does the damage and tells what came of it.
    pub run: Run,
}

macro_rules! drill {
    ($name:ident, $title:literal, $length:ident) => {
        Drill {
            name: stringify!($name),
            title: $title,
            in_short: length::$length,
            run: |settings, scratch| $name::run(settings, scratch).boxed_local(),
        }
    };
}

/// Which drills every test run takes part in.
mod length {
    pub const SHORT: bool = true;
    pub const LONG: bool = false;
}

/// All of them.
pub const DRILLS: [Drill; 15] = [
    drill!(
        kill_server,
        "kill -9 of the server under load, again and again",
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
        "Redis unreachable without a word, behind HAProxy",
        LONG
    ),
    drill!(
        postgres_restarted,
        "PostgreSQL restarted, fast and as after a crash",
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
        "kill -9 of one instance of three, for good",
        LONG
    ),
    drill!(instance_frozen, "One instance of two frozen for 50 s", LONG),
    drill!(
        clock_ahead,
        "kill -9 of an instance whose clock is three hours ahead",
        LONG
    ),
    drill!(terminated, "SIGTERM under load", SHORT),
    drill!(backlog, "A backlog waiting at the start", LONG),
    drill!(poison, "Poison among good deliveries", SHORT),
    drill!(hanging_handler, "A handler that hangs", LONG),
    drill!(
        rolling_restart,
        "Rolling restart of three behind HAProxy",
        LONG
    ),
];
