//! Dashboard clients that are connected during a drill.
//!
//! - [`client`]: one of them
//! - [`listing`]: the orders that a client reads when it joins
//! - [`view`]: the orders it shows

pub mod client;
pub mod listing;
pub mod view;

use std::time::Duration;

use client::{Client, Kind};
use view::Versions;

use crate::wait::wait_until;

/// All clients of a drill.
#[derive(Debug)]
pub struct Clients {
    clients: Vec<Client>,
}

impl Clients {
    /// Connects two clients, one of each kind, to each URL. A client whose instance is
    /// gone connects to the next URL, as it would through a load balancer.
    pub async fn connect(urls: &[String]) -> anyhow::Result<Self> {
        let mut clients = Vec::new();
        for (number, _) in urls.iter().enumerate() {
            let mut own_first = urls.to_vec();
            own_first.rotate_left(number);
            for kind in [Kind::Plain, Kind::Dashboard] {
                let name = format!("{kind:?} client of instance {number}");
                clients.push(Client::start(name, kind, own_first.clone())?);
            }
        }
        let all = Self { clients };
        wait_until(
            "all clients are connected",
            Duration::from_secs(20),
            async || Ok(all.clients.iter().all(Client::is_live)),
        )
        .await?;
        Ok(all)
    }

    /// All of them.
    pub fn all(&self) -> &[Client] {
        &self.clients
    }

    /// Whether every client shows these versions, or later ones.
    pub fn cover(&self, versions: &Versions) -> bool {
        self.clients
            .iter()
            .all(|client| client.view().covers(versions))
    }

    /// Describes each client that does not show exactly these versions.
    pub fn diverged(&self, versions: &Versions) -> Vec<String> {
        let diverged = self
            .clients
            .iter()
            .filter(|client| client.view().versions() != versions);
        diverged
            .map(|client| {
                let view = client.view();
                let different = versions
                    .iter()
                    .filter(|(id, version)| view.versions().get(*id) != Some(*version))
                    .count();
                let error = client.last_error().unwrap_or_default();
                format!(
                    "{}: {different} of {} orders differ (live: {}, connected {} times; last error: {error})",
                    client.name(),
                    versions.len(),
                    client.is_live(),
                    client.connections(),
                )
            })
            .collect()
    }
}
