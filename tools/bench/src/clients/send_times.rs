//! When each order was sent, to compute the latency of receiving it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use memchr::memmem;

/// The text before an order's Shopify id in an event.
const BEFORE_ID: &[u8] = b"\"shopifyOrderId\":\"";

/// The send times of orders with consecutive ids; shared by all threads.
#[derive(Debug)]
pub struct SendTimes {
    start: Instant,
    first_id: u64,
    /// In nanoseconds after `start`; 0 means not sent yet.
    sent: Vec<AtomicU64>,
}

impl SendTimes {
    /// Creates the list for `orders` orders from the Shopify id `first_id` on.
    pub fn new(first_id: u64, orders: usize) -> Self {
        let mut sent = Vec::new();
        sent.resize_with(orders, AtomicU64::default);
        Self {
            start: Instant::now(),
            first_id,
            sent,
        }
    }

    /// Records when an order, counted from the first, was sent.
    pub fn record(&self, order: u64, at: Instant) {
        let nanos = at.saturating_duration_since(self.start).as_nanos();
        let slot = usize::try_from(order).ok().and_then(|at| self.sent.get(at));
        if let Some(slot) = slot {
            slot.store(u64::try_from(nanos).unwrap_or(1).max(1), Ordering::Relaxed);
        }
    }

    /// Returns how long ago each order in an event was sent, without orders that
    /// are not in this list. The event is searched, not parsed.
    pub fn latencies<'a>(
        &'a self,
        event: &'a [u8],
        now: Instant,
    ) -> impl Iterator<Item = Duration> {
        memmem::find_iter(event, BEFORE_ID).filter_map(move |at| {
            let id = number(&event[at + BEFORE_ID.len()..]);
            let at = usize::try_from(id.checked_sub(self.first_id)?).ok()?;
            match self.sent.get(at)?.load(Ordering::Relaxed) {
                0 => None,
                nanos => {
                    let sent = self.start + Duration::from_nanos(nanos);
                    Some(now.saturating_duration_since(sent))
                }
            }
        })
    }
}

/// Reads the number at the start of a text.
fn number(text: &[u8]) -> u64 {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_u64, |number, digit| {
            number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_those_of_the_orders_in_the_event() {
        let times = SendTimes::new(5_500, 10);
        let start = times.start;
        times.record(2, start + Duration::from_millis(10));
        times.record(7, start + Duration::from_millis(30));
        times.record(99, start); // not in the list
        let event =
            br#"["ORDERS_SYNCED",[{"shopifyOrderId":"5502","a":1},{"shopifyOrderId":"5507"},
            {"shopifyOrderId":"5503"},{"shopifyOrderId":"1"}]]"#;
        let latencies: Vec<_> = times
            .latencies(event, start + Duration::from_millis(50))
            .collect();
        assert_eq!(
            latencies,
            [Duration::from_millis(40), Duration::from_millis(20)]
        );
    }
}
