//! What one dashboard knows.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::wire::Order;
use uuid::Uuid;

/// Order id to version.
pub type Versions = HashMap<Uuid, i64>;

/// What one dashboard knows, and since when.
#[derive(Debug, Default)]
pub struct View {
    versions: Versions,
    /// Every version that was news, with the moment it was heard.
    heard: HashMap<Uuid, Vec<(i64, DateTime<Utc>)>>,
}

impl View {
    /// Takes an order in; older news is dropped, as dashboards do.
    pub fn hear(&mut self, order: &Order) {
        self.learn(order.id, order.version);
    }

    fn learn(&mut self, order: Uuid, version: i64) {
        let known = self.versions.entry(order).or_default();
        if version > *known {
            *known = version;
            let heard = self.heard.entry(order).or_default();
            heard.push((version, Utc::now()));
        }
    }

    /// What it shows now.
    pub const fn versions(&self) -> &Versions {
        &self.versions
    }

    /// It knows these versions, or later ones.
    pub fn covers(&self, versions: &Versions) -> bool {
        versions
            .iter()
            .all(|(id, version)| self.versions.get(id).is_some_and(|known| known >= version))
    }

    /// How long after `committed` this version, or a later one, was shown.
    /// `None` when it never was.
    pub fn lag(&self, order: Uuid, version: i64, committed: DateTime<Utc>) -> Option<TimeDelta> {
        let heard = self.heard.get(&order)?;
        let (_, at) = heard.iter().find(|(heard, _)| *heard >= version)?;
        Some(*at - committed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_news_is_dropped_and_lag_counts_to_the_first_that_is_new_enough() {
        let (id, begin) = (Uuid::from_u128(1), Utc::now());
        let mut view = View::default();
        view.learn(id, 2);
        view.learn(id, 1);
        view.learn(id, 3);
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
