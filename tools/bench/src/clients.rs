//! Thousands of Socket.IO clients on few threads, which only measure latencies.
//!
//! All clients of a thread read into one buffer, and frames are searched instead
//! of parsed: little is left but the kernel's own cost of moving the bytes.

mod client;
mod frame;
mod recorder;
mod send_times;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

use crate::latency::Latencies;
use client::Client;
use recorder::Recorder;
pub use send_times::SendTimes;

/// How many clients of one thread connect at the same time.
const CONNECTING: usize = 32;

/// How long all clients may take to connect.
const TIMEOUT: Duration = Duration::from_mins(2);

/// After this long without an event, no more are expected.
const IDLE_TIMEOUT: Duration = Duration::from_secs(8);

/// What the clients received.
#[derive(Debug, Default)]
pub struct Received {
    /// From sending a webhook to receiving its order, for all clients.
    pub latencies: Latencies,
    /// Events received.
    pub events: u64,
    /// Orders received, by client.
    pub orders: Vec<u64>,
}

/// Connected clients.
#[derive(Debug)]
pub struct Clients {
    stop: watch::Sender<bool>,
    /// Orders received by all clients.
    received: Arc<AtomicU64>,
    threads: Vec<JoinHandle<anyhow::Result<Received>>>,
}

impl Clients {
    /// Connects `clients` clients, with `auth` as JSON, from `threads` threads.
    /// Returns when all of them are connected.
    pub async fn connect(
        address: SocketAddr,
        clients: usize,
        threads: usize,
        auth: &serde_json::Value,
        send_times: &Arc<SendTimes>,
    ) -> anyhow::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let received = Arc::new(AtomicU64::new(0));
        let (report, mut connected) = mpsc::unbounded_channel();
        let handles = (0..threads).map(|index| {
            let share = clients / threads + usize::from(index < clients % threads);
            let worker = Worker {
                address,
                clients: share,
                auth: auth.to_string(),
                send_times: Arc::clone(send_times),
                received: Arc::clone(&received),
                stopped: stopped.clone(),
                connected: report.clone(),
            };
            std::thread::spawn(move || worker.run())
        });
        let started = Self {
            threads: handles.collect(),
            received,
            stop,
        };
        drop(report);
        let all = async {
            for _ in 0..clients {
                connected.recv().await.context("clients were refused")??;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(TIMEOUT, all).await {
            Ok(done) => done?,
            Err(_) => bail!("not all {clients} clients could connect in time"),
        }
        Ok(started)
    }

    /// Waits until all clients together have received `orders` orders, or none for
    /// eight seconds.
    pub async fn wait_for(&self, orders: u64) {
        let mut last = (0, Instant::now());
        while last.0 < orders && last.1.elapsed() < IDLE_TIMEOUT {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let received = self.received.load(Ordering::Relaxed);
            if received != last.0 {
                last = (received, Instant::now());
            }
        }
    }

    /// Disconnects all clients, and returns what they received.
    pub fn disconnect(self) -> anyhow::Result<Received> {
        // Sending fails only when all threads have ended.
        let _ = self.stop.send(true);
        let mut all = Received::default();
        for thread in self.threads {
            let Ok(received) = thread.join() else {
                bail!("a thread of clients panicked");
            };
            let received = received?;
            all.latencies.merge(&received.latencies);
            all.events += received.events;
            all.orders.extend(received.orders);
        }
        Ok(all)
    }
}

/// The clients of one thread.
struct Worker {
    address: SocketAddr,
    clients: usize,
    auth: String,
    send_times: Arc<SendTimes>,
    received: Arc<AtomicU64>,
    stopped: watch::Receiver<bool>,
    connected: mpsc::UnboundedSender<anyhow::Result<()>>,
}

impl Worker {
    fn run(self) -> anyhow::Result<Received> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, self.listen())
    }

    async fn listen(mut self) -> anyhow::Result<Received> {
        let recorder = Recorder::new(Arc::clone(&self.send_times), Arc::clone(&self.received));
        let mut tasks = Vec::with_capacity(self.clients);
        let mut connecting = FuturesUnordered::new();
        for index in 0..self.clients {
            connecting.push(Client::connect(self.address, &self.auth));
            let last = index + 1 == self.clients;
            while connecting.len() >= CONNECTING || (last && !connecting.is_empty()) {
                let Some(client) = connecting.next().await else {
                    break;
                };
                match client {
                    Ok(client) => {
                        let recorder = std::rc::Rc::clone(&recorder);
                        tasks.push(tokio::task::spawn_local(client.listen(recorder)));
                        let _ = self.connected.send(Ok(()));
                    }
                    Err(error) => {
                        let _ = self.connected.send(Err(error));
                    }
                }
            }
        }
        let _ = self.stopped.wait_for(|stop| *stop).await;
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // The counts of an aborted task stay in the recorder.
            let _ = task.await;
        }
        let (latencies, events) = recorder.totals();
        Ok(Received {
            latencies,
            events,
            orders: recorder.orders_by_client(),
        })
    }
}

#[cfg(test)]
mod tests;
