//! When a worker looks for jobs.
//!
//! apalis asks a strategy for nothing but to wake the worker again. Its own ones
//! for streams and intervals, combined, stop at the first that is ready, and then
//! no waker is left anywhere: a push that came while a fetch was under way went
//! unnoticed until the next heartbeat, up to two seconds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use apalis::prelude::{PollSnapshot, PollStrategy};
use futures::Stream;
use tokio::time::{Instant, Sleep, sleep};
use tokio_stream::wrappers::WatchStream;

/// How often to look for what other instances pushed.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// A push may come too late for the fetch under way: looked for again after this.
const AFTER_PUSH: Duration = Duration::from_millis(3);

/// Wakes a worker at every push, shortly after it, and now and then.
#[derive(Debug)]
pub struct WakeUp {
    pushed: WatchStream<()>,
    next: Pin<Box<Sleep>>,
}

impl WakeUp {
    /// Listens to pushes from now on.
    pub fn new(pushed: WatchStream<()>) -> Self {
        Self {
            pushed,
            next: Box::pin(sleep(POLL_INTERVAL)),
        }
    }
}

impl PollStrategy for WakeUp {
    /// Whatever is ready, both are left waiting, and so wake the worker again.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = None;
        while let Poll::Ready(Some(())) = Pin::new(&mut self.pushed).poll_next(cx) {
            due = Some(AFTER_PUSH);
        }
        if due.is_none() && self.next.as_mut().poll(cx).is_ready() {
            due = Some(POLL_INTERVAL);
        }
        let Some(pause) = due else {
            return Poll::Pending;
        };
        self.next.as_mut().reset(Instant::now() + pause);
        // Registers the waker; a moment this short may have passed already.
        if self.next.as_mut().poll(cx).is_ready() {
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
    async fn a_push_that_was_seen_wakes_the_worker_once_more() {
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
        // Nobody pushes again, and nobody asks again.
        sleep(10 * AFTER_PUSH).await;
        assert_eq!(wakes.0.load(Ordering::SeqCst), 1);
    }
}
