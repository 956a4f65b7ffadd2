//! When each order was sent, for those who hear of it: shared by all threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use memchr::memmem;

/// What stands before an order's Shopify id in an event.
const BEFORE_ID: &[u8] = b"\"shopifyOrderId\":\"";

/// Sending times of orders with consecutive ids.
#[derive(Debug)]
pub struct Board {
    start: Instant,
    first_id: u64,
    /// Nanoseconds after `start`; 0 is not sent yet.
    sent: Vec<AtomicU64>,
}

impl Board {
    /// For `orders` orders from the Shopify id `first_id` on.
    pub fn new(first_id: u64, orders: usize) -> Self {
        let mut sent = Vec::new();
        sent.resize_with(orders, AtomicU64::default);
        Self {
            start: Instant::now(),
            first_id,
            sent,
        }
    }

    /// How many orders there are to hear of.
    pub fn orders(&self) -> usize {
        self.sent.len()
    }

    /// Notes when an order, counted from the first, is sent.
    pub fn sent(&self, order: u64, at: Instant) {
        let nanos = at.saturating_duration_since(self.start).as_nanos();
        let slot = usize::try_from(order).ok().and_then(|at| self.sent.get(at));
        if let Some(slot) = slot {
            slot.store(u64::try_from(nanos).unwrap_or(1).max(1), Ordering::Relaxed);
        }
    }

    /// How long ago the orders named in an event were sent. Only those on the
    /// board; the event is searched, not parsed.
    pub fn ages<'a>(&'a self, event: &'a [u8], now: Instant) -> impl Iterator<Item = Duration> {
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

/// The number that begins here.
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
    fn ages_are_those_of_the_orders_named() {
        let board = Board::new(5_500, 10);
        let start = board.start;
        board.sent(2, start + Duration::from_millis(10));
        board.sent(7, start + Duration::from_millis(30));
        board.sent(99, start); // not on the board
        let event =
            br#"["ORDERS_SYNCED",[{"shopifyOrderId":"5502","a":1},{"shopifyOrderId":"5507"},
            {"shopifyOrderId":"5503"},{"shopifyOrderId":"1"}]]"#;
        let ages: Vec<_> = board
            .ages(event, start + Duration::from_millis(50))
            .collect();
        assert_eq!(ages, [Duration::from_millis(40), Duration::from_millis(20)]);
    }
}
