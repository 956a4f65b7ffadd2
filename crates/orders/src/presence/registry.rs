//! Who is where: this instance's clients, and what other instances say of
//! theirs.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::wire::presence::{MAX_PEOPLE, Person, Presence};
use socketioxide::socket::Sid;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use super::People;

/// People remembered of one other instance; more are left out.
const MAX_ELSEWHERE: usize = 10_000;

/// Who is where; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    here: HashMap<Sid, (Uuid, Person)>,
    elsewhere: HashMap<Uuid, (Instant, People)>,
    /// Orders whose watchers have something new to hear.
    news: HashSet<Uuid>,
}

impl Registry {
    /// A client is somewhere else now; `None` has left.
    pub fn moved(&self, client: Sid, to: Option<(Uuid, Person)>) {
        let mut state = self.state();
        let before = match &to {
            Some(to) => state.here.insert(client, to.clone()),
            None => state.here.remove(&client),
        };
        if before == to {
            return;
        }
        let orders = [before, to].into_iter().flatten().map(|(order, _)| order);
        state.news.extend(orders);
        drop(state);
        self.changed.notify_one();
    }

    /// Another instance says who is there; replaces what it said before.
    pub fn others(&self, instance: Uuid, mut people: People) {
        people.truncate(MAX_ELSEWHERE);
        let mut state = self.state();
        let now: HashSet<_> = people.iter().cloned().collect();
        let heard = (Instant::now(), people);
        let before = state.elsewhere.insert(instance, heard);
        let before: HashSet<_> = before.into_iter().flat_map(|(_, people)| people).collect();
        let orders = before.symmetric_difference(&now).map(|(order, _)| *order);
        state.news.extend(orders);
    }

    /// Drops instances that have not been heard of for longer than `silence`.
    pub fn forget_silent(&self, silence: Duration) {
        let mut state = self.state();
        let State {
            elsewhere, news, ..
        } = &mut *state;
        elsewhere.retain(|_, (heard, people)| {
            let is_silent = heard.elapsed() > silence;
            if is_silent {
                news.extend(people.iter().map(|(order, _)| *order));
            }
            !is_silent
        });
    }

    /// Everybody who has an order open, wherever they are connected.
    pub fn presence(&self, order: Uuid) -> Presence {
        self.state().presence(order)
    }

    /// Waits for a change among this instance's clients.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// This instance's people, for the others.
    pub fn here(&self) -> People {
        self.state().here.values().cloned().collect()
    }

    /// Nobody here has anything open.
    pub fn is_empty(&self) -> bool {
        self.state().here.is_empty()
    }

    /// What watchers have to hear; each order once.
    pub fn take_news(&self) -> Vec<Presence> {
        let mut state = self.state();
        let orders = std::mem::take(&mut state.news);
        orders
            .into_iter()
            .map(|order| state.presence(order))
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing here panics halfway; even then, who is where heals by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn presence(&self, order: Uuid) -> Presence {
        let elsewhere = self.elsewhere.values().flat_map(|(_, people)| people);
        let mut people: Vec<_> = self
            .here
            .values()
            .chain(elsewhere)
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
    fn whoever_moves_on_is_told_of_at_both_orders() {
        let registry = Registry::default();
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let client = Sid::new();
        registry.moved(client, Some((first, person("Ada"))));
        assert_eq!(registry.take_news().len(), 1);
        registry.moved(client, Some((second, person("Ada"))));
        assert_eq!(registry.take_news().len(), 2);
        assert!(names(&registry, first).is_empty());
        registry.moved(client, None);
        assert!(names(&registry, second).is_empty());
        // Leaving twice is no news.
        registry.take_news();
        registry.moved(client, None);
        assert!(registry.take_news().is_empty());
    }

    #[test]
    fn people_of_an_instance_that_fell_silent_are_gone() {
        let registry = Registry::default();
        let order = Uuid::from_u128(1);
        registry.others(Uuid::from_u128(9), vec![(order, person("Grace"))]);
        registry.moved(Sid::new(), Some((order, person("Ada"))));
        assert_eq!(names(&registry, order), ["Ada", "Grace"]);
        registry.take_news();
        registry.forget_silent(Duration::from_mins(1));
        assert!(registry.take_news().is_empty());
        registry.forget_silent(Duration::ZERO);
        assert_eq!(registry.take_news().len(), 1);
        assert_eq!(names(&registry, order), ["Ada"]);
    }

    #[test]
    fn a_heartbeat_that_says_nothing_new_is_no_news() {
        let registry = Registry::default();
        let here = vec![(Uuid::from_u128(1), person("Grace"))];
        registry.others(Uuid::from_u128(9), here.clone());
        assert_eq!(registry.take_news().len(), 1);
        registry.others(Uuid::from_u128(9), here);
        assert!(registry.take_news().is_empty());
    }
}
