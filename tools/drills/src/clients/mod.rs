//! Dashboards that watch while the damage is done.
//!
//! - [`watcher`]: one of them
//! - [`view`]: what it knows

pub mod view;
pub mod watcher;

use std::time::Duration;

use domain::wire::{Order, OrderPage};
use reqwest::Client;

use view::Versions;
use watcher::{Kind, Watcher};

use crate::until::until;

/// Everybody who watches.
#[derive(Debug)]
pub struct Audience {
    watchers: Vec<Watcher>,
}

impl Audience {
    /// Two clients, one of either kind, for each address. When theirs is gone
    /// they go to the next, as by way of a balancer.
    pub async fn seat(urls: &[String]) -> anyhow::Result<Self> {
        let mut watchers = Vec::new();
        for (number, _) in urls.iter().enumerate() {
            let mut nearest = urls.to_vec();
            nearest.rotate_left(number);
            for kind in [Kind::Plain, Kind::Dashboard] {
                let name = format!("{kind:?} client of instance {number}");
                watchers.push(Watcher::start(name, kind, nearest.clone())?);
            }
        }
        let audience = Self { watchers };
        until(
            "all clients are connected",
            Duration::from_secs(20),
            async || Ok(audience.watchers.iter().all(Watcher::is_live)),
        )
        .await?;
        Ok(audience)
    }

    /// All of them.
    pub fn watchers(&self) -> &[Watcher] {
        &self.watchers
    }

    /// Everybody knows these versions, or later ones.
    pub fn covers(&self, versions: &Versions) -> bool {
        self.watchers
            .iter()
            .all(|watcher| watcher.view().covers(versions))
    }

    /// Who does not show exactly these versions, and what is wrong with them.
    pub fn strayed(&self, versions: &Versions) -> Vec<String> {
        let strays = self
            .watchers
            .iter()
            .filter(|watcher| watcher.view().versions() != versions);
        strays
            .map(|watcher| {
                let view = watcher.view();
                let behind = versions
                    .iter()
                    .filter(|(id, version)| view.versions().get(*id) != Some(*version))
                    .count();
                let trouble = watcher.trouble().unwrap_or_default();
                format!(
                    "{}: {behind} of {} orders differ (live: {}, connected {} times; last trouble: {trouble})",
                    watcher.name(),
                    versions.len(),
                    watcher.is_live(),
                    watcher.connections(),
                )
            })
            .collect()
    }
}

/// Every order there is, page by page: what a late joiner begins with.
pub async fn list(http: &Client, url: &str) -> anyhow::Result<Vec<Order>> {
    let mut orders = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = format!("{url}/orders?limit=200{cursor}");
        let answer = http.get(page).send().await?.error_for_status()?;
        let page: OrderPage = answer.json().await?;
        orders.extend(page.data);
        match page.next_cursor {
            Some(next) if page.has_more => cursor = format!("&cursor={next}"),
            _ => return Ok(orders),
        }
    }
}
