//! The names of the metrics that this crate records.

/// Requests by `method`, `route` and `status`.
pub const REQUESTS: &str = "orchestrator_http_requests_total";
/// Time to answer a request, by `method` and `route`.
pub const REQUEST: &str = "orchestrator_http_request_seconds";
/// Connections, sockets and bodies that were refused because a limit was reached, by `what`.
pub const REFUSED: &str = "orchestrator_connections_refused_total";
/// Requests that were refused because their client sent too many.
pub const RATE_LIMITED: &str = "orchestrator_rate_limited_total";
/// Changes sent to clients.
pub const BROADCAST: &str = "orchestrator_changes_broadcast_total";
/// Time from receiving a delivery to broadcasting its change.
pub const PROCESSING_LAG: &str = "orchestrator_processing_lag_seconds";
/// Time from the channel's event to broadcasting its change.
pub const BROADCAST_LAG: &str = "orchestrator_broadcast_lag_seconds";
/// Frames that did not fit into the buffer of a slow client.
pub const FRAMES_DROPPED: &str = "orchestrator_frames_dropped_total";
/// Clients that were disconnected because they were too slow.
pub const SOCKETS_CUT: &str = "orchestrator_sockets_cut_total";
/// Clients that are connected.
pub const SOCKETS: &str = "orchestrator_sockets_connected";
/// Messages to other instances that were lost.
pub const RELAY_LOST: &str = "orchestrator_relay_lost_total";
/// This machine's clock minus the database's.
pub const CLOCK_SKEW: &str = "orchestrator_clock_skew_seconds";
/// Always 1; its label `version` is the server's version.
pub const BUILD: &str = "orchestrator_build_info";

/// Counters without labels.
const COUNTERS: [&str; 5] = [
    BROADCAST,
    FRAMES_DROPPED,
    SOCKETS_CUT,
    RATE_LIMITED,
    RELAY_LOST,
];

/// The values of `what` in [`REFUSED`].
const REFUSED_KINDS: [&str; 3] = ["connection", "socket", "body"];

/// Reports every counter once, as zero: see [`crate::telemetry::metrics::install`].
pub(crate) fn start_at_zero() {
    for name in COUNTERS {
        metrics::counter!(name).absolute(0);
    }
    for what in REFUSED_KINDS {
        metrics::counter!(REFUSED, "what" => what).absolute(0);
    }
    metrics::gauge!(SOCKETS).set(0.0);
    metrics::gauge!(CLOCK_SKEW).set(0.0);
}
