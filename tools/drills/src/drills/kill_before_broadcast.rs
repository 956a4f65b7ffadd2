//! `kill -9` after a change was committed and before anybody was told.
//!
//! The window is made wide: the database's answers to one instance are held, so
//! that commits go through without that instance ever knowing. Its clients
//! connect again and catch up; those of the other instance never lose their
//! connection and must be told by that instance's sweep.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use uuid::Uuid;

use crate::clients::view::Versions;
use crate::report::Outcome;
use crate::services::proxy::Mode;
use crate::services::scratch::Scratch;
use crate::stage::{Backstage, Settings, Stage};

/// A healthy instance has long told of what is older than this.
const TELLING: Duration = Duration::from_millis(500);

/// Chances to meet a commit.
const ATTEMPTS: u32 = 50;

/// Kills in that window, several times.
pub async fn run(settings: &Settings, scratch: &Scratch) -> anyhow::Result<Outcome> {
    let backstage = Backstage::on_postgres(settings, scratch, 2).await?;
    let mut stage = backstage.raise(settings).await?;
    stage.warm_up().await?;
    let rounds = settings.pick(5, 2);
    let mut hit = 0;
    for round in 0..rounds {
        stage.load.flows(50).await?;
        hit += kill_with_secrets(&mut stage).await?;
        stage.instances[0].start_again()?;
        if round + 1 < rounds {
            stage.instances[0].ready().await?;
        }
    }
    stage.notes.push(format!(
        "{hit} changes were committed that no client had heard of"
    ));
    let steady = stage
        .audience
        .watchers()
        .iter()
        .filter(|w| w.connections() == 1);
    if steady.count() != 2 {
        stage
            .faults
            .push("clients of the other instance lost their connection".to_owned());
    }
    stage.conclude().await
}

/// Kills the first instance while it has committed what nobody knows; says how
/// many changes that were.
async fn kill_with_secrets(stage: &mut Stage) -> anyhow::Result<usize> {
    let mut secrets = hold_answers(stage).await?;
    for _ in 0..ATTEMPTS {
        if !secrets.is_empty() {
            break;
        }
        // No commit was under way just then.
        stage.wires[0].database.set(Mode::Open);
        stage.load.flows(5).await?;
        secrets = hold_answers(stage).await?;
    }
    anyhow::ensure!(!secrets.is_empty(), "no commit was ever under way");
    stage.instances[0].kill().await?;
    stage.wires[0].database.set(Mode::Open);
    stage.wires[0].database.reset();
    Ok(secrets.len())
}

/// Holds the answers to the first instance until whatever it had committed is
/// old enough to tell, and returns what that was.
async fn hold_answers(stage: &Stage) -> anyhow::Result<Versions> {
    stage.wires[0].database.set(Mode::AnswersHeld);
    sleep(2 * TELLING).await;
    untold(stage).await
}

/// Committed changes that were not broadcast and that no client shows.
async fn untold(stage: &Stage) -> anyhow::Result<Versions> {
    let rows: Vec<(Uuid, i64, DateTime<Utc>)> = stage
        .database
        .rows("SELECT order_id, version, at FROM order_events WHERE broadcast_at IS NULL")
        .await?;
    let old = Utc::now() - TELLING;
    let mut untold = Versions::new();
    for (order, version, _) in rows.iter().filter(|(_, _, at)| *at < old) {
        let change = Versions::from([(*order, *version)]);
        let known = stage
            .audience
            .watchers()
            .iter()
            .any(|w| w.view().covers(&change));
        if !known {
            untold.extend(change);
        }
    }
    Ok(untold)
}
