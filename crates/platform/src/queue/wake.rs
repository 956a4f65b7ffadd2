//! When a worker fetches jobs.
//!
//! A poll strategy of apalis must leave a waker behind whenever it is polled. The built-in
//! strategies for streams and intervals, combined, stop at the first one that is ready, and
//! then no waker is registered: a push during a fetch was not noticed until the next
//! heartbeat, up to two seconds later.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use apalis::prelude::{PollSnapshot, PollStrategy};
use futures::Stream;
use tokio::time::{Instant, Sleep, sleep};
use tokio_stream::wrappers::WatchStream;

/// How often to fetch jobs that other instances pushed.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// The pause before the second fetch after a push, which the current fetch may miss.
const REPEAT_AFTER_PUSH: Duration = Duration::from_millis(3);

/// Wakes a worker at every push, again shortly after it, and every [`POLL_INTERVAL`].
#[derive(Debug)]
pub struct WakeUp {
    pushed: WatchStream<()>,
    timer: Pin<Box<Sleep>>,
}

impl WakeUp {
    /// Listens for pushes from now on.
    pub fn new(pushed: WatchStream<()>) -> Self {
        Self {
            pushed,
            timer: Box::pin(sleep(POLL_INTERVAL)),
        }
    }
}

impl PollStrategy for WakeUp {
    /// Whichever source is ready, both are polled until they are pending, so that both
    /// wake the worker again.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = None;
        while let Poll::Ready(Some(())) = Pin::new(&mut self.pushed).poll_next(cx) {
            due = Some(REPEAT_AFTER_PUSH);
        }
        if due.is_none() && self.timer.as_mut().poll(cx).is_ready() {
            due = Some(POLL_INTERVAL);
        }
        let Some(pause) = due else {
            return Poll::Pending;
        };
        self.timer.as_mut().reset(Instant::now() + pause);
        // Registers the waker. The timer may be ready already, because it is so short.
        if self.timer.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Some(()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use tokio::sync::watch;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn a_push_wakes_the_worker_a_second_time() {
        let pushes = watch::Sender::new(());
        let mut wake_up = WakeUp::new(WatchStream::from_changes(pushes.subscribe()));
        let wakes = Arc::new(Wakes::default());
        let waker = Arc::clone(&wakes).into();
        let mut cx = Context::from_waker(&waker);
        let snapshot = PollSnapshot::default();
        assert!(wake_up.poll_drive(&mut cx, &snapshot).is_pending());
        pushes.send_replace(());
        assert_eq!(wakes.0.swap(0, Ordering::SeqCst), 1);
        assert!(wake_up.poll_drive(&mut cx, &snapshot).is_ready());
        // Without another push or poll.
        sleep(10 * REPEAT_AFTER_PUSH).await;
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
    }
}
