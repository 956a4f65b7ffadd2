//! Sends requests, as fast as they are answered (closed loop) or at fixed times
//! (open loop).

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

use crate::http::Connection;
use crate::latency::{Latencies, Quantiles};
use crate::schedule::{Schedule, Ticket};

/// A numbered supply of requests.
pub trait Requests: Send + Sync + 'static {
    /// Writes the request with this number, replacing what is in `out`.
    fn write(&self, number: u64, out: &mut Vec<u8>);
}

impl Requests for crate::webhook::Webhooks {
    fn write(&self, number: u64, out: &mut Vec<u8>) {
        Self::write(self, number, out);
    }
}

/// What became of the requests.
#[derive(Debug, Default)]
pub struct Sent {
    /// When the first request was sent, all connections being open.
    pub since: Option<Instant>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// From when a request was due (open loop) or sent (closed loop).
    pub latencies: Latencies,
    /// Answers by status.
    pub answers: BTreeMap<u16, u64>,
}

/// [`Sent`], as reported.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Requests answered.
    pub requests: u64,
    /// Seconds from the first request to the last answer.
    pub seconds: f64,
    /// Requests a second.
    pub rate: f64,
    /// Milliseconds an answer took.
    pub latency: Quantiles,
}

impl Sent {
    fn merge(&mut self, other: &Self) {
        self.latencies.merge(&other.latencies);
        for (status, count) in &other.answers {
            *self.answers.entry(*status).or_default() += count;
        }
    }

    fn note(&mut self, since: Instant, status: u16) {
        self.latencies.record(since.elapsed());
        *self.answers.entry(status).or_default() += 1;
    }

    /// Requires that everything was answered with 200: a server that refuses
    /// is no faster for it.
    pub fn all_accepted(self) -> anyhow::Result<Self> {
        if self.answers.keys().any(|status| *status != 200) {
            bail!("not every request was accepted: {:?}", self.answers);
        }
        Ok(self)
    }

    /// The figures to report.
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

/// Sends the requests `numbers` over so many connections, each sending its next
/// as soon as the last is answered.
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
                sent.note(since, status);
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    gather(workers, start).await
}

/// Sends the requests `numbers` at a fixed rate. There must be connections
/// enough for a slow moment; what waits for one is late, and counted as such.
pub async fn open(
    address: SocketAddr,
    connections: usize,
    rate: f64,
    numbers: Range<u64>,
    requests: Arc<impl Requests>,
    on_due: impl Fn(Ticket) + Clone + Send + Sync + 'static,
) -> anyhow::Result<Sent> {
    let open = open_all(address, connections).await?;
    let start = Instant::now() + Duration::from_millis(10);
    let first = numbers.start;
    let tickets = Schedule::new(start, rate).tickets(0..numbers.end - first);
    let tickets = Arc::new(Mutex::new(tickets));
    let workers = open.into_iter().map(|mut connection| {
        let (tickets, requests) = (Arc::clone(&tickets), Arc::clone(&requests));
        let on_due = on_due.clone();
        tokio::spawn(async move {
            let mut sent = Sent::default();
            let mut request = Vec::new();
            while let Some(mut ticket) = take(&tickets).await {
                ticket.number += first;
                on_due(ticket);
                requests.write(ticket.number, &mut request);
                let status = connection.exchange(&request).await?.status;
                sent.note(ticket.due, status);
            }
            anyhow::Ok(sent)
        })
    });
    let workers: Vec<_> = workers.collect();
    gather(workers, start).await
}

async fn take(tickets: &Mutex<mpsc::UnboundedReceiver<Ticket>>) -> Option<Ticket> {
    tickets.lock().await.recv().await
}

async fn open_all(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Connection>> {
    Ok(try_join_all((0..count).map(|_| Connection::open(address))).await?)
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
