//! `kill -9` after a change was committed and before it was broadcast.
//!
//! To hit this moment, the database's responses to one instance are stalled, so that
//! transactions commit without that instance knowing. Its clients reconnect and catch up;
//! those of the other instance stay connected and must receive the change from that
//! instance's sweep.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use uuid::Uuid;

use crate::clients::view::Versions;
use crate::environment::setup::Setup;
use crate::environment::{Environment, Settings};
use crate::report::Outcome;
use crate::services::proxy::Mode;
use crate::services::temp_dir::TempDir;

/// A healthy instance broadcasts a change within this time.
const BROADCAST_TIME: Duration = Duration::from_millis(500);

/// Attempts to stall the responses while a transaction commits.
const ATTEMPTS: u32 = 50;

/// Kills the instance in this moment, several times.
pub async fn run(settings: &Settings, temp_dir: &TempDir) -> anyhow::Result<Outcome> {
    let setup = Setup::on_postgres(settings, temp_dir, 2).await?;
    let mut environment = setup.start(settings).await?;
    environment.warm_up().await?;
    let rounds = settings.pick(5, 2);
    let mut unknown = 0;
    for round in 0..rounds {
        environment.load.wait_for_acknowledged(50).await?;
        unknown += kill_with_unbroadcast_changes(&mut environment).await?;
        environment.instances[0].restart()?;
        if round + 1 < rounds {
            environment.instances[0].wait_until_ready().await?;
        }
    }
    environment.notes.push(format!(
        "{unknown} changes were committed that no client had received"
    ));
    let always_connected = environment
        .clients
        .all()
        .iter()
        .filter(|w| w.connections() == 1);
    if always_connected.count() != 2 {
        environment
            .faults
            .push("clients of the other instance lost their connection".to_owned());
    }
    environment.finish().await
}

/// Kills the first instance when it has committed changes that were not broadcast; returns
/// their number.
async fn kill_with_unbroadcast_changes(environment: &mut Environment) -> anyhow::Result<usize> {
    let mut changes = stall_responses(environment).await?;
    for _ in 0..ATTEMPTS {
        if !changes.is_empty() {
            break;
        }
        // No transaction was committing.
        environment.proxies[0].database.set(Mode::Forward);
        environment.load.wait_for_acknowledged(5).await?;
        changes = stall_responses(environment).await?;
    }
    anyhow::ensure!(
        !changes.is_empty(),
        "no transaction was committing in any attempt"
    );
    environment.instances[0].kill().await?;
    environment.proxies[0].database.set(Mode::Forward);
    environment.proxies[0].database.reset();
    Ok(changes.len())
}

/// Stalls the responses to the first instance until a healthy instance would have broadcast
/// its changes, and returns those that were not.
async fn stall_responses(environment: &Environment) -> anyhow::Result<Versions> {
    environment.proxies[0].database.set(Mode::StallResponses);
    sleep(2 * BROADCAST_TIME).await;
    unbroadcast(environment).await
}

/// Committed changes that were not broadcast and that no client shows.
async fn unbroadcast(environment: &Environment) -> anyhow::Result<Versions> {
    let rows: Vec<(Uuid, i64, DateTime<Utc>)> = environment
        .database
        .rows("SELECT order_id, version, at FROM order_events WHERE broadcast_at IS NULL")
        .await?;
    let before = Utc::now() - BROADCAST_TIME;
    let mut changes = Versions::new();
    for (order, version, _) in rows.iter().filter(|(_, _, at)| *at < before) {
        let change = Versions::from([(*order, *version)]);
        let known = environment
            .clients
            .all()
            .iter()
            .any(|w| w.view().covers(&change));
        if !known {
            changes.extend(change);
        }
    }
    Ok(changes)
}
