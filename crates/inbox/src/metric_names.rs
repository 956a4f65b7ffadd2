//! The names of this crate's metrics.

/// Webhooks, by `outcome`.
pub const WEBHOOKS: &str = "orchestrator_webhooks_total";
/// The time from a webhook's arrival to its answer.
pub const WEBHOOK_ACK: &str = "orchestrator_webhook_ack_seconds";
/// Deliveries waiting to be committed, in this process.
pub const INBOX_WAITING: &str = "orchestrator_inbox_waiting";
/// Deliveries in one commit.
pub const INBOX_COMMIT: &str = "orchestrator_inbox_commit_deliveries";
/// Deliveries that were processed, by `outcome`.
pub const PROCESSED: &str = "orchestrator_deliveries_processed_total";
/// Attempts that failed.
pub const ATTEMPTS_FAILED: &str = "orchestrator_delivery_attempts_failed_total";
/// Deliveries that failed too often.
pub const DIED: &str = "orchestrator_deliveries_died_total";
/// Webhooks of shops that are not accepted, as `what="shop"`.
pub const REFUSED: &str = "orchestrator_connections_refused_total";

/// The outcomes of webhooks; `webhooks::count` chooses one of them.
const WEBHOOK_OUTCOMES: [&str; 9] = [
    "accepted",
    "duplicate",
    "ignored",
    "unauthorized",
    "malformed",
    "too_large",
    "rejected",
    "refused",
    "unavailable",
];

/// The outcomes of deliveries.
const DELIVERY_OUTCOMES: [&str; 3] = ["applied", "unchanged", "discarded"];

/// Reports every counter once with the value zero, for the reason given at
/// `platform::telemetry::metrics::install`.
pub fn start_at_zero() {
    for name in [ATTEMPTS_FAILED, DIED] {
        metrics::counter!(name).absolute(0);
    }
    for (name, values) in [
        (WEBHOOKS, &WEBHOOK_OUTCOMES[..]),
        (PROCESSED, &DELIVERY_OUTCOMES),
    ] {
        for value in values {
            metrics::counter!(name, "outcome" => *value).absolute(0);
        }
    }
    metrics::counter!(REFUSED, "what" => "shop").absolute(0);
}
