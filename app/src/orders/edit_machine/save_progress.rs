//! How far a save has come.

use std::time::Duration;

use domain::orders::draft::Values;
use domain::wire::UpdateOrder;
use uuid::Uuid;

/// The pause before the first repetition of a request without an answer. It doubles
/// with every repetition.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause before a request without an answer is repeated.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(8);

/// The progress of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveState {
    /// No save is in progress.
    Idle,
    /// A request was sent; its answer is awaited.
    Sending,
    /// The save waits for the connection, or for its next attempt.
    Waiting,
}

/// The part of the state that only saving needs.
#[derive(Debug)]
pub(super) struct Save {
    pub(super) progress: Progress,
    /// The last request and its key: repeated under that key, it is saved once.
    pub(super) last_request: Option<(UpdateOrder, Uuid)>,
    /// The typed values overwrite the changes of others.
    pub(super) is_forced: bool,
    /// The pause before a request without an answer is repeated.
    pub(super) pause: Duration,
    pub(super) new_key: fn() -> Uuid,
}

#[derive(Debug)]
pub(super) enum Progress {
    Idle,
    /// The values that were sent, and the number of requests for them so far.
    Sending {
        values: Values,
        tries: u32,
    },
    /// The values that the save will store.
    Waiting {
        values: Values,
    },
}

impl Save {
    pub(super) const fn new(new_key: fn() -> Uuid) -> Self {
        Self {
            progress: Progress::Idle,
            last_request: None,
            is_forced: false,
            pause: FIRST_PAUSE,
            new_key,
        }
    }

    pub(super) const fn state(&self) -> SaveState {
        match self.progress {
            Progress::Idle => SaveState::Idle,
            Progress::Sending { .. } => SaveState::Sending,
            Progress::Waiting { .. } => SaveState::Waiting,
        }
    }

    /// The key of a request, the same for its repetitions.
    pub(super) fn key(&mut self, update: &UpdateOrder) -> Uuid {
        if let Some((last, key)) = &self.last_request
            && last == update
        {
            return *key;
        }
        let key = (self.new_key)();
        self.last_request = Some((update.clone(), key));
        key
    }
}
