//! The damage is over: what is measured, and what is proven.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::Stage;
use crate::clients;
use crate::clients::view::View;
use crate::report::Outcome;
use crate::server::Instance;
use crate::services::postgres::Stop;
use crate::until::until;
use crate::verify::{self, Findings};

/// How long everything may take to be right again after the damage.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long clients may take to agree once nothing happens any more.
const AGREEMENT: Duration = Duration::from_secs(20);

/// How long the load goes on after the damage, at least.
const AFTERMATH: Duration = Duration::from_secs(3);

impl Stage {
    /// Measures the recovery under load, stops the load, and proves that
    /// everything is as it should be.
    pub async fn conclude(self) -> anyhow::Result<Outcome> {
        self.conclude_after(async |_| Ok(())).await
    }

    /// As [`Self::conclude`], with a look of the drill's own at the end.
    pub async fn conclude_after(
        mut self,
        look: impl AsyncFnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<Outcome> {
        let (over, over_at) = (Instant::now(), Utc::now());
        let recovery = match self.recovered(over_at).await {
            Ok(()) => Some(over.elapsed().as_secs_f64()),
            Err(error) => {
                self.faults.push(format!("did not recover: {error:#}"));
                None
            }
        };
        sleep_until(over + AFTERMATH).await;
        if let Err(error) = self.load.finish(PATIENCE).await {
            self.faults.push(error.to_string());
        }
        if let Err(error) = self.settled().await {
            self.faults.push(format!("did not settle: {error:#}"));
        }
        look(&mut self).await?;
        let outcome = Outcome {
            findings: self.findings().await?,
            recovery,
            behind: self.behind().await?,
            notes: std::mem::take(&mut self.notes),
        };
        self.strike().await;
        Ok(outcome)
    }

    /// Waits until everything received before the end of the damage is
    /// settled and everybody knows, with the load going on.
    async fn recovered(&self, over: DateTime<Utc>) -> anyhow::Result<()> {
        until("the backlog is worked off", PATIENCE, async || {
            Ok(self.database.pending(over).await? == 0)
        })
        .await?;
        let versions = self.database.versions().await?;
        until("every client has caught up", PATIENCE, async || {
            Ok(self.audience.covers(&versions))
        })
        .await
    }

    /// Waits until nothing is under way any more and everybody, whoever joins
    /// now included, shows what is stored.
    async fn settled(&self) -> anyhow::Result<()> {
        until("nothing is pending", PATIENCE, async || {
            Ok(self.database.pending(Utc::now()).await? == 0)
        })
        .await?;
        until("everything is broadcast", PATIENCE, async || {
            Ok(self.database.unsent(Utc::now()).await? == 0)
        })
        .await?;
        let versions = self.database.versions().await?;
        let agreed = until("all clients agree", AGREEMENT, async || {
            Ok(self.audience.strayed(&versions).is_empty())
        })
        .await;
        let mut late = View::default();
        for order in clients::list(&Client::new(), &self.any_url()).await? {
            late.hear(&order);
        }
        anyhow::ensure!(
            *late.versions() == versions,
            "a late joiner sees other versions"
        );
        agreed
    }

    async fn findings(&mut self) -> anyhow::Result<Findings> {
        let ledger = self.load.ledger();
        let mut findings = verify::verify(&self.database, ledger, &self.meant_to_die).await?;
        findings.faults.append(&mut self.faults);
        let versions = self.database.versions().await?;
        findings.fault("clients went astray", &self.audience.strayed(&versions));
        let refused: Vec<_> = ledger.final_refusals().iter().map(u16::to_string).collect();
        findings.fault("answers a signed order must not get", &refused);
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting > 0 {
            let fault = format!("up to {waiting} healthy deliveries had to wait over 5 s");
            findings.faults.push(fault);
        }
        self.notes
            .push(format!("attempts by answer: {:?}", ledger.answers()));
        Ok(findings)
    }

    /// The longest any client showed an order that was not the newest.
    async fn behind(&self) -> anyhow::Result<Option<TimeDelta>> {
        let events: Vec<(Uuid, i64, DateTime<Utc>)> = self
            .database
            .rows("SELECT order_id, version, at FROM order_events")
            .await?;
        let lags = self.audience.watchers().iter().filter_map(|watcher| {
            let view = watcher.view();
            let lags = events
                .iter()
                .filter_map(|(order, version, at)| view.lag(*order, *version, *at));
            lags.max()
        });
        Ok(lags.max())
    }

    fn any_url(&self) -> String {
        match &self.balancer {
            Some(balancer) => balancer.url(),
            None => self.instances.last().map(Instance::url).unwrap_or_default(),
        }
    }

    /// Clears the stage, so that the next drill finds the machine idle.
    async fn strike(self) {
        let Self {
            instances,
            mut postgres,
            ..
        } = self;
        drop(instances);
        if let Some(postgres) = &mut postgres
            && let Err(error) = postgres.stop(Stop::Immediate).await
        {
            tracing::debug!(%error, "PostgreSQL is killed instead");
        }
    }
}
