//! The orders that a client shows.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::wire::Order;
use uuid::Uuid;

/// Versions by order id.
pub type Versions = HashMap<Uuid, i64>;

/// The versions that a client shows, and when it received them.
#[derive(Debug, Default)]
pub struct View {
    versions: Versions,
    /// Every version that was newer than the one before, with the time it was received.
    received: HashMap<Uuid, Vec<(i64, DateTime<Utc>)>>,
}

impl View {
    /// Applies an order; an older version is ignored, as dashboards do.
    pub fn apply(&mut self, order: &Order) {
        self.apply_version(order.id, order.version);
    }

    fn apply_version(&mut self, order: Uuid, version: i64) {
        let known = self.versions.entry(order).or_default();
        if version > *known {
            *known = version;
            let received = self.received.entry(order).or_default();
            received.push((version, Utc::now()));
        }
    }

    /// The versions that are shown now.
    pub const fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Whether these versions, or later ones, are shown.
    pub fn covers(&self, versions: &Versions) -> bool {
        versions
            .iter()
            .all(|(id, version)| self.versions.get(id).is_some_and(|known| known >= version))
    }

    /// How long after `committed` this version, or a later one, was received. `None`
    /// if it never was.
    pub fn lag(&self, order: Uuid, version: i64, committed: DateTime<Utc>) -> Option<TimeDelta> {
        let received = self.received.get(&order)?;
        let (_, at) = received.iter().find(|(found, _)| *found >= version)?;
        Some(*at - committed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_is_ignored_and_lag_counts_to_the_first_that_is_new_enough() {
        let (id, begin) = (Uuid::from_u128(1), Utc::now());
        let mut view = View::default();
        view.apply_version(id, 2);
        view.apply_version(id, 1);
        view.apply_version(id, 3);
        assert_eq!(view.versions(), &Versions::from([(id, 3)]));
        assert!(view.covers(&Versions::from([(id, 2)])));
        assert!(!view.covers(&Versions::from([(id, 4)])));
        assert!(
            view.lag(id, 1, begin)
                .is_some_and(|lag| lag >= TimeDelta::zero())
        );
        assert_eq!(view.lag(id, 4, begin), None);
    }
}
