//! Sends requests: each after the response to the one before (closed loop), or at
//! fixed times (open loop).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use futures::future::try_join_all;
use serde::Serialize;
use tokio::sync::{Mutex, mpsc};

use crate::http::HttpConnection;
use crate::latency::{Latencies, Quantiles};
use crate::schedule::{DueRequest, Schedule};

/// A numbered sequence of requests.
pub trait Requests: Send + Sync + 'static {
    /// Writes the request with this number, replacing the content of `out`.
    fn write(&self, number: u64, out: &mut Vec<u8>);
}

impl Requests for crate::webhook::Webhooks {
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        Self::write(self, number, out);
    }
}

/// The responses to the requests that were sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// When the first request was sent, after all connections were open.
    pub since: Option<Instant>,
    /// From the first request to the last response.
    pub elapsed: Duration,
    /// Latencies, from when a request was due (open loop) or sent (closed loop).
    pub latencies: Latencies,
    /// Responses by status.
    pub responses: BTreeMap<u16, u64>,
}

/// The figures of [`Sent`] to report.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The number of requests.
    pub requests: u64,
    /// Seconds from the first request to the last response.
    pub seconds: f64,
    /// Requests a second.
    pub rate: f64,
    /// Latencies in milliseconds.
    pub latency: Quantiles,
}

impl Sent {
    fn merge(&mut self, other: &Self) {
        self.latencies.merge(&other.latencies);
        for (status, count) in &other.responses {
            *self.responses.entry(*status).or_default() += count;
        }
    }

    fn record(&mut self, since: Instant, status: u16) {
        self.latencies.record(since.elapsed());
        *self.responses.entry(status).or_default() += 1;
    }

    /// Fails unless every response has status 200, because refusing requests is
    /// faster than accepting them.
    pub fn all_accepted(self) -> anyhow::Result<Self> {
        if self.responses.keys().any(|status| *status != 200) {
            bail!("not every request was accepted: {:?}", self.responses);
        }
        Ok(self)
    }

    /// Returns the figures to report.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn summary(&self) -> Summary {
        let requests = self.latencies.count();
        let seconds = self.elapsed.as_secs_f64();
        Summary {
            requests,
            seconds,
            rate: requests as f64 / seconds,
            latency: self.latencies.quantiles(),
        }
    }
}

/// Sends the requests `numbers` over several connections; each sends its next
/// request when it has received a response.
pub async fn closed(
    address: SocketAddr,
    connections: usize,
    numbers: Range<u64>,
    requests: Arc<impl Requests>,
) -> anyhow::Result<Sent> {
    let open = open_all(address, connections).await?;
    let next = Arc::new(AtomicU64::new(numbers.start));
    let start = Instant::now();
    let workers = open.into_iter().map(|mut connection| {
        let (next, requests) = (Arc::clone(&next), Arc::clone(&requests));
        tokio::spawn(async move {
            let mut sent = Sent::default();
            let mut request = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return anyhow::Ok(sent);
                }
                requests.write(number, &mut request);
                let since = Instant::now();
                let status = connection.exchange(&request).await?.status;
                sent.record(since, status);
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    gather(workers, start).await
}

/// Sends the requests `numbers` at a fixed rate. There must be enough connections for
/// times of slow responses; waiting for a connection counts as latency. `on_due` is
/// called before a request is sent.
pub async fn open(
    address: SocketAddr,
    connections: usize,
    rate: f64,
    numbers: Range<u64>,
    requests: Arc<impl Requests>,
    on_due: impl Fn(DueRequest) + Clone + Send + Sync + 'static,
) -> anyhow::Result<Sent> {
    let open = open_all(address, connections).await?;
    let start = Instant::now() + Duration::from_millis(10);
    let first = numbers.start;
    let due = Schedule::new(start, rate).due_requests(0..numbers.end - first);
    let due = Arc::new(Mutex::new(due));
    let workers = open.into_iter().map(|mut connection| {
        let (due, requests) = (Arc::clone(&due), Arc::clone(&requests));
        let on_due = on_due.clone();
        tokio::spawn(async move {
            let mut sent = Sent::default();
            let mut request = Vec::new();
            while let Some(mut next) = take(&due).await {
                next.number += first;
                on_due(next);
                requests.write(next.number, &mut request);
                let status = connection.exchange(&request).await?.status;
                sent.record(next.due, status);
            }
            anyhow::Ok(sent)
        })
    });
    let workers: Vec<_> = workers.collect();
    gather(workers, start).await
}

async fn take(due: &Mutex<mpsc::UnboundedReceiver<DueRequest>>) -> Option<DueRequest> {
    due.lock().await.recv().await
}

async fn open_all(address: SocketAddr, count: usize) -> anyhow::Result<Vec<HttpConnection>> {
    Ok(try_join_all((0..count).map(|_| HttpConnection::open(address))).await?)
}

async fn gather(
    workers: Vec<tokio::task::JoinHandle<anyhow::Result<Sent>>>,
    start: Instant,
) -> anyhow::Result<Sent> {
    let mut all = Sent::default();
    for sent in try_join_all(workers).await? {
        all.merge(&sent?);
    }
    all.since = Some(start);
    all.elapsed = start.elapsed();
    Ok(all)
}

#[cfg(test)]
mod tests;
