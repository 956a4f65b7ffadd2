//! What all clients of a thread share: what they heard, and where they read to.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::board::Board;
use crate::latency::Latencies;

/// The buffer all clients of a thread share.
const BUFFER: usize = 256 * 1_024;

/// What the clients of one thread heard, and the buffer they read into.
#[derive(Debug)]
pub struct Ear {
    board: Arc<Board>,
    /// Orders heard of by all clients, of other threads too.
    everybody: Arc<AtomicU64>,
    buffer: RefCell<Box<[u8]>>,
    latencies: RefCell<Latencies>,
    events: Cell<u64>,
    orders: RefCell<Vec<Rc<Cell<u64>>>>,
}

impl Ear {
    /// An ear that has heard nothing yet.
    pub fn new(board: Arc<Board>, everybody: Arc<AtomicU64>) -> Rc<Self> {
        Rc::new(Self {
            board,
            everybody,
            buffer: RefCell::new(vec![0; BUFFER].into()),
            latencies: RefCell::default(),
            events: Cell::default(),
            orders: RefCell::default(),
        })
    }

    /// Orders heard of, by client.
    pub fn counts(&self) -> Vec<u64> {
        self.orders
            .borrow()
            .iter()
            .map(|count| count.get())
            .collect()
    }

    /// Latencies and number of all events.
    pub fn totals(&self) -> (Latencies, u64) {
        (self.latencies.borrow().clone(), self.events.get())
    }

    /// The buffer; to be given back before anybody else runs.
    pub fn buffer(&self) -> RefMut<'_, Box<[u8]>> {
        self.buffer.borrow_mut()
    }

    /// One more listener: the number of orders it has heard of.
    pub fn listener(&self) -> Rc<Cell<u64>> {
        let heard = Rc::new(Cell::new(0));
        self.orders.borrow_mut().push(Rc::clone(&heard));
        heard
    }

    /// Hears an event.
    pub fn hear(&self, event: &[u8], heard: &Cell<u64>) {
        let mut latencies = self.latencies.borrow_mut();
        let mut orders = 0;
        for age in self.board.ages(event, Instant::now()) {
            latencies.record(age);
            orders += 1;
        }
        heard.set(heard.get() + orders);
        self.everybody.fetch_add(orders, Ordering::Relaxed);
        self.events.set(self.events.get() + 1);
    }
}
