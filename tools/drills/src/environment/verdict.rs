//! Measures the recovery and verifies the result after the failure.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::Environment;
use crate::clients;
use crate::clients::view::View;
use crate::report::Outcome;
use crate::server::Instance;
use crate::services::postgres::Stop;
use crate::verify::{self, Findings};
use crate::wait::wait_until;

/// How long each step of the recovery may take.
const TIMEOUT: Duration = Duration::from_mins(2);

/// How long clients may take to show the stored versions when there are no more changes.
const CLIENTS_TIMEOUT: Duration = Duration::from_secs(20);

/// Servers use the database's clock, which they only estimate, so their times may be some
/// milliseconds in the future here. Rows with such times must be counted as pending, too.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// How long the load continues after the failure, at least.
const LOAD_AFTER_FAILURE: Duration = Duration::from_secs(3);

impl Environment {
    /// Measures the recovery under load, stops the load, and verifies the result.
    pub async fn finish(self) -> anyhow::Result<Outcome> {
        self.finish_with(async |_| Ok(())).await
    }

    /// As [`Self::finish`], with an additional check of the drill at the end.
    pub async fn finish_with(
        mut self,
        check: impl AsyncFnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<Outcome> {
        let (begin, failure_end) = (Instant::now(), Utc::now());
        let recovery = match self.wait_for_recovery(failure_end).await {
            Ok(()) => Some(begin.elapsed().as_secs_f64()),
            Err(error) => {
                self.faults.push(format!("did not recover: {error:#}"));
                None
            }
        };
        sleep_until(begin + LOAD_AFTER_FAILURE).await;
        if let Err(error) = self.load.finish(TIMEOUT).await {
            self.faults.push(error.to_string());
        }
        if let Err(error) = self.wait_until_settled().await {
            self.faults.push(format!("did not settle: {error:#}"));
        }
        check(&mut self).await?;
        let outcome = Outcome {
            findings: self.findings().await?,
            recovery,
            max_lag: self.max_lag().await?,
            notes: std::mem::take(&mut self.notes),
        };
        self.shut_down().await;
        Ok(outcome)
    }

    /// Waits until everything received before the end of the failure was applied and every
    /// client shows it, under load.
    async fn wait_for_recovery(&self, failure_end: DateTime<Utc>) -> anyhow::Result<()> {
        wait_until("the backlog is processed", TIMEOUT, async || {
            Ok(self.database.pending(failure_end).await? == 0)
        })
        .await?;
        let versions = self.database.versions().await?;
        wait_until("every client has caught up", TIMEOUT, async || {
            Ok(self.clients.cover(&versions))
        })
        .await
    }

    /// Waits until nothing is pending and every client, also one that joins now, shows the
    /// stored versions.
    async fn wait_until_settled(&self) -> anyhow::Result<()> {
        wait_until("nothing is pending", TIMEOUT, async || {
            Ok(self.database.pending(Utc::now() + CLOCK_TOLERANCE).await? == 0)
        })
        .await?;
        wait_until("everything is broadcast", TIMEOUT, async || {
            Ok(self.database.unsent(Utc::now() + CLOCK_TOLERANCE).await? == 0)
        })
        .await?;
        let versions = self.database.versions().await?;
        let agreed = wait_until(
            "all clients show the stored versions",
            CLIENTS_TIMEOUT,
            async || Ok(self.clients.diverged(&versions).is_empty()),
        )
        .await;
        let mut joined_late = View::default();
        for order in clients::listing::list(&Client::new(), &self.any_url()).await? {
            joined_late.apply(&order);
        }
        anyhow::ensure!(
            *joined_late.versions() == versions,
            "a client that joins late shows other versions"
        );
        agreed
    }

    async fn findings(&mut self) -> anyhow::Result<Findings> {
        let log = self.load.log();
        let mut findings = verify::verify(&self.database, log, &self.expected_dead).await?;
        findings.faults.append(&mut self.faults);
        let versions = self.database.versions().await?;
        findings.add_fault(
            "clients that show other versions",
            &self.clients.diverged(&versions),
        );
        let refused: Vec<_> = log
            .permanent_refusals()
            .iter()
            .map(u16::to_string)
            .collect();
        findings.add_fault("permanent refusals of signed orders", &refused);
        let delayed = self.delayed.load(Ordering::Relaxed);
        if delayed > 0 {
            let fault = format!("up to {delayed} healthy deliveries were pending for over 5 s");
            findings.faults.push(fault);
        }
        self.notes
            .push(format!("attempts by answer: {:?}", log.answers()));
        Ok(findings)
    }

    /// The longest time that any client showed an outdated version of an order.
    async fn max_lag(&self) -> anyhow::Result<Option<TimeDelta>> {
        let events: Vec<(Uuid, i64, DateTime<Utc>)> = self
            .database
            .rows("SELECT order_id, version, at FROM order_events")
            .await?;
        let lags = self.clients.all().iter().filter_map(|client| {
            let view = client.view();
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

    /// Ends all processes, so that they do not slow the next drill down.
    async fn shut_down(self) {
        let Self {
            instances,
            mut postgres,
            ..
        } = self;
        drop(instances);
        if let Some(postgres) = &mut postgres
            && let Err(error) = postgres.stop(Stop::Immediate).await
        {
            tracing::debug!(%error, "PostgreSQL is killed, because it did not stop");
        }
    }
}
