//! Thousands of Socket.IO clients on few threads, who only take the time.
//!
//! All clients of a thread read into one buffer, and nothing is parsed: what is
//! left is close to what the kernel asks for moving the bytes.

mod board;
mod client;
mod ear;
mod frame;

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
pub use board::Board;
use client::Client;
use ear::Ear;

/// Clients of one thread that connect at the same time.
const CONNECTING: usize = 32;

/// How long all clients may take to connect.
const PATIENCE: Duration = Duration::from_mins(2);

/// After this long nothing more is expected.
const SILENCE: Duration = Duration::from_secs(8);

/// What the clients heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// From sending an order to hearing of it, over all clients.
    pub latencies: Latencies,
    /// Events received.
    pub events: u64,
    /// Orders heard of, by client.
    pub orders: Vec<u64>,
}

/// Connected clients.
#[derive(Debug)]
pub struct Swarm {
    stop: watch::Sender<bool>,
    heard: Arc<AtomicU64>,
    threads: Vec<JoinHandle<anyhow::Result<Heard>>>,
}

impl Swarm {
    /// Connects `clients` clients, with `auth` as JSON, from `threads` threads.
    /// Returns once all of them are in.
    pub async fn connect(
        address: SocketAddr,
        clients: usize,
        threads: usize,
        auth: &serde_json::Value,
        board: &Arc<Board>,
    ) -> anyhow::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let heard = Arc::new(AtomicU64::new(0));
        let (report, mut connected) = mpsc::unbounded_channel();
        let handles = (0..threads).map(|index| {
            let share = clients / threads + usize::from(index < clients % threads);
            let work = Work {
                address,
                clients: share,
                auth: auth.to_string(),
                board: Arc::clone(board),
                heard: Arc::clone(&heard),
                stopped: stopped.clone(),
                connected: report.clone(),
            };
            std::thread::spawn(move || work.run())
        });
        let swarm = Self {
            threads: handles.collect(),
            heard,
            stop,
        };
        drop(report);
        let everybody = async {
            for _ in 0..clients {
                connected.recv().await.context("clients were refused")??;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(PATIENCE, everybody).await {
            Ok(done) => done?,
            Err(_) => bail!("not all {clients} clients could connect in time"),
        }
        Ok(swarm)
    }

    /// Waits until so many orders were heard of in all, or nothing was heard for
    /// eight seconds.
    pub async fn hears(&self, orders: u64) {
        let mut last = (0, Instant::now());
        while last.0 < orders && last.1.elapsed() < SILENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let heard = self.heard.load(Ordering::Relaxed);
            if heard != last.0 {
                last = (heard, Instant::now());
            }
        }
    }

    /// Disconnects all clients, and tells what they heard.
    pub fn finish(self) -> anyhow::Result<Heard> {
        // Without a receiver all threads have ended.
        let _ = self.stop.send(true);
        let mut all = Heard::default();
        for thread in self.threads {
            let Ok(heard) = thread.join() else {
                bail!("a thread of clients panicked");
            };
            let heard = heard?;
            all.latencies.merge(&heard.latencies);
            all.events += heard.events;
            all.orders.extend(heard.orders);
        }
        Ok(all)
    }
}

/// One thread's share.
struct Work {
    address: SocketAddr,
    clients: usize,
    auth: String,
    board: Arc<Board>,
    heard: Arc<AtomicU64>,
    stopped: watch::Receiver<bool>,
    connected: mpsc::UnboundedSender<anyhow::Result<()>>,
}

impl Work {
    fn run(self) -> anyhow::Result<Heard> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, self.listen())
    }

    async fn listen(mut self) -> anyhow::Result<Heard> {
        let ear = Ear::new(Arc::clone(&self.board), Arc::clone(&self.heard));
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
                        let ear = std::rc::Rc::clone(&ear);
                        tasks.push(tokio::task::spawn_local(client.listen(ear)));
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
            // Aborted tasks leave their count with the ear.
            let _ = task.await;
        }
        let (latencies, events) = ear.totals();
        Ok(Heard {
            latencies,
            events,
            orders: ear.counts(),
        })
    }
}

#[cfg(test)]
mod tests;
