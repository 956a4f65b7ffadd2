//! Ids of orders and deliveries: reproducible within a run, different between runs.

use chrono::{DateTime, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Builder;

/// Generates a scenario's ids.
///
/// They depend on seed, shop and start time. If they depended on the seed alone, a server
/// would take every delivery of a second run with the same seed for a duplicate.
pub(crate) struct Ids {
    salt: u64,
    orders: u64,
    deliveries: StdRng,
}

impl Ids {
    pub fn new(seed: u64, shop: &str, start: DateTime<Utc>) -> Self {
        // FNV-1a, because its result is the same on every platform and in every release.
        let salt = [seed.to_le_bytes(), start.timestamp().to_le_bytes()]
            .as_flattened()
            .iter()
            .chain(shop.as_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self {
            salt,
            orders: 0,
            deliveries: StdRng::seed_from_u64(salt),
        }
    }

    /// Returns the id and the number (as in `#1001`) of the next order.
    pub fn order(&mut self) -> (u64, u64) {
        let index = self.orders;
        self.orders += 1;
        // Every fourth id is above 2^53, where a JavaScript number loses precision.
        let base = if index % 4 == 3 {
            820_000_000_000_000_000
        } else {
            5_000_000_000_000
        };
        let id = base + self.salt % 2_000_000_000_000 + index * 1_031;
        (id, 1_001 + self.salt % 90 * 1_000 + index)
    }

    /// Returns the id of the next delivery, a UUID.
    pub fn webhook(&mut self) -> String {
        Builder::from_random_bytes(self.deliveries.random())
            .into_uuid()
            .to_string()
    }
}
