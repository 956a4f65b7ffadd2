//! Records what the clients of one thread receive.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::send_times::SendTimes;
use crate::latency::Latencies;

/// The size of the read buffer that all clients of a thread share, in bytes.
const BUFFER: usize = 256 * 1_024;

/// What the clients of one thread received, and the buffer they read into.
#[derive(Debug)]
pub struct Recorder {
    send_times: Arc<SendTimes>,
    /// Orders received by the clients of all threads.
    total: Arc<AtomicU64>,
    buffer: RefCell<Box<[u8]>>,
    latencies: RefCell<Latencies>,
    events: Cell<u64>,
    orders: RefCell<Vec<Rc<Cell<u64>>>>,
}

impl Recorder {
    /// Creates an empty recorder.
    pub fn new(send_times: Arc<SendTimes>, total: Arc<AtomicU64>) -> Rc<Self> {
        Rc::new(Self {
            send_times,
            total,
            buffer: RefCell::new(vec![0; BUFFER].into()),
            latencies: RefCell::default(),
            events: Cell::default(),
            orders: RefCell::default(),
        })
    }

    /// Orders received, by client.
    pub fn orders_by_client(&self) -> Vec<u64> {
        self.orders
            .borrow()
            .iter()
            .map(|count| count.get())
            .collect()
    }

    /// The latencies of all orders, and the number of events.
    pub fn totals(&self) -> (Latencies, u64) {
        (self.latencies.borrow().clone(), self.events.get())
    }

    /// Borrows the buffer; it must be returned before another client runs.
    pub fn buffer(&self) -> RefMut<'_, Box<[u8]>> {
        self.buffer.borrow_mut()
    }

    /// Adds a client; returns its number of received orders.
    pub fn add_client(&self) -> Rc<Cell<u64>> {
        let orders = Rc::new(Cell::new(0));
        self.orders.borrow_mut().push(Rc::clone(&orders));
        orders
    }

    /// Records an event of the client that has received `orders` orders.
    pub fn record(&self, event: &[u8], orders: &Cell<u64>) {
        let mut latencies = self.latencies.borrow_mut();
        let mut found = 0;
        for latency in self.send_times.latencies(event, Instant::now()) {
            latencies.record(latency);
            found += 1;
        }
        orders.set(orders.get() + found);
        self.total.fetch_add(found, Ordering::Relaxed);
        self.events.set(self.events.get() + 1);
    }
}
