//! What one dashboard knows.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::api::Order;
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
        let known = self.versions.entry(order.id).or_default();
        if order.version > *known {
            *known = order.version;
            let heard = self.heard.entry(order.id).or_default();
            heard.push((order.version, Utc::now()));
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
