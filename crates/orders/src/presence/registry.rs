//! The registry of presence: the people of this instance's clients, and those that other
//! instances have sent.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::wire::presence::{MAX_PEOPLE, Person, Presence};
use socketioxide::socket::Sid;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

/// The people of one instance, each with the order that they have open.
pub type People = Vec<(Uuid, Person)>;

/// The most people of one other instance; further ones are left out.
const MAX_REMOTE: usize = 10_000;

/// Which people have which order open; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    /// By client of this instance.
    local: HashMap<Sid, (Uuid, Person)>,
    /// By other instance, with the time of its last message.
    remote: HashMap<Uuid, (Instant, People)>,
    /// Orders whose presence has changed since the last broadcast.
    changed: HashSet<Uuid>,
}

impl Registry {
    /// Sets the order that a client has open; `None` if it has none.
    pub fn set_local(&self, client: Sid, to: Option<(Uuid, Person)>) {
        let mut state = self.state();
        let before = match &to {
            Some(to) => state.local.insert(client, to.clone()),
            None => state.local.remove(&client),
        };
        if before == to {
            return;
        }
        let orders = [before, to].into_iter().flatten().map(|(order, _)| order);
        state.changed.extend(orders);
        drop(state);
        self.changed.notify_one();
    }

    /// Sets the people of another instance, in place of those it sent before.
    pub fn set_remote(&self, instance: Uuid, mut people: People) {
        people.truncate(MAX_REMOTE);
        let mut state = self.state();
        let now: HashSet<_> = people.iter().cloned().collect();
        let received = (Instant::now(), people);
        let before = state.remote.insert(instance, received);
        let before: HashSet<_> = before.into_iter().flat_map(|(_, people)| people).collect();
        let orders = before.symmetric_difference(&now).map(|(order, _)| *order);
        state.changed.extend(orders);
    }

    /// Drops the people of instances that have sent nothing for longer than `timeout`.
    pub fn drop_silent_instances(&self, timeout: Duration) {
        let mut state = self.state();
        let State {
            remote, changed, ..
        } = &mut *state;
        remote.retain(|_, (received, people)| {
            let is_silent = received.elapsed() > timeout;
            if is_silent {
                changed.extend(people.iter().map(|(order, _)| *order));
            }
            !is_silent
        });
    }

    /// All people who have an order open, on any instance.
    pub fn presence(&self, order: Uuid) -> Presence {
        self.state().presence(order)
    }

    /// Waits for a change among this instance's clients.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The people of this instance, for the other instances.
    pub fn local(&self) -> People {
        self.state().local.values().cloned().collect()
    }

    /// Whether no client of this instance has an order open.
    pub fn is_empty(&self) -> bool {
        self.state().local.is_empty()
    }

    /// The presence of every order for which it has changed since the last call.
    pub fn take_changed(&self) -> Vec<Presence> {
        let mut state = self.state();
        let orders = std::mem::take(&mut state.changed);
        orders
            .into_iter()
            .map(|order| state.presence(order))
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No update panics halfway. Even then, later messages would correct the state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn presence(&self, order: Uuid) -> Presence {
        let remote = self.remote.values().flat_map(|(_, people)| people);
        let mut people: Vec<_> = self
            .local
            .values()
            .chain(remote)
            .filter(|(open, _)| *open == order)
            .map(|(_, person)| person.clone())
            .collect();
        people.sort();
        people.truncate(MAX_PEOPLE);
        Presence { order, people }
    }
}

#[cfg(test)]
mod tests {
    use domain::wire::presence::Doing;

    use super::*;

    fn person(name: &str) -> Person {
        Person {
            doing: Doing::Viewing,
            name: name.into(),
            id: name.into(),
        }
    }

    fn names(registry: &Registry, order: Uuid) -> Vec<String> {
        let people = registry.presence(order).people;
        people.into_iter().map(|person| person.name).collect()
    }

    #[test]
    fn a_client_that_opens_another_order_changes_the_presence_of_both() {
        let registry = Registry::default();
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let client = Sid::new();
        registry.set_local(client, Some((first, person("Ada"))));
        assert_eq!(registry.take_changed().len(), 1);
        registry.set_local(client, Some((second, person("Ada"))));
        assert_eq!(registry.take_changed().len(), 2);
        assert!(names(&registry, first).is_empty());
        registry.set_local(client, None);
        assert!(names(&registry, second).is_empty());
        // A second removal changes nothing.
        registry.take_changed();
        registry.set_local(client, None);
        assert!(registry.take_changed().is_empty());
    }

    #[test]
    fn people_of_an_instance_that_sends_nothing_are_dropped() {
        let registry = Registry::default();
        let order = Uuid::from_u128(1);
        registry.set_remote(Uuid::from_u128(9), vec![(order, person("Grace"))]);
        registry.set_local(Sid::new(), Some((order, person("Ada"))));
        assert_eq!(names(&registry, order), ["Ada", "Grace"]);
        registry.take_changed();
        registry.drop_silent_instances(Duration::from_mins(1));
        assert!(registry.take_changed().is_empty());
        registry.drop_silent_instances(Duration::ZERO);
        assert_eq!(registry.take_changed().len(), 1);
        assert_eq!(names(&registry, order), ["Ada"]);
    }

    #[test]
    fn a_heartbeat_with_the_same_people_changes_nothing() {
        let registry = Registry::default();
        let people = vec![(Uuid::from_u128(1), person("Grace"))];
        registry.set_remote(Uuid::from_u128(9), people.clone());
        assert_eq!(registry.take_changed().len(), 1);
        registry.set_remote(Uuid::from_u128(9), people);
        assert!(registry.take_changed().is_empty());
    }
}
