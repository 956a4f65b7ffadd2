//! An order converges: in whatever sequence and however often its webhooks arrive, the
//! channel's fields end with the same values, and edits by people in between are kept.
#![allow(missing_docs, reason = "tests are named as claims")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use channels::shopify::{payload, status};
use chrono::{DateTime, TimeDelta, Utc};
use domain::channels::account::{ChannelAccount, ExternalOrderId, OrderKey};
use domain::orders::channel_rules::{self, ChannelOutcome, ChannelUpdate};
use domain::orders::edit::OrderEdit;
use domain::orders::fees::ShippingTiers;
use domain::orders::order::{FieldChange, OrderState};
use domain::orders::patch::OrderPatch;
use domain::orders::status::OrderStatus;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const ID: i64 = 7;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

/// A message from the channel.
#[derive(Debug, Clone)]
enum Message {
    Order(Box<OrderPatch>),
    Deleted(DateTime<Utc>),
}

/// A message or an edit that arrives for an order.
#[derive(Debug, Clone)]
enum Step {
    Channel(Message),
    Person(OrderEdit),
}

fn payload() -> impl Strategy<Value = Message> {
    (
        // There are few different times, so that several payloads have the same one.
        0..6_i64,
        prop::option::of(prop::sample::select(vec![
            "paid", "pending", "refunded", "new_enum",
        ])),
        prop::option::of(prop::sample::select(vec![
            "partial",
            "fulfilled",
            "restocked",
        ])),
        prop::option::of(0..3_i64),
        0..5_i64,
        any::<bool>(),
    )
        .prop_map(
            |(moment, financial, fulfillment, cancelled, price, named)| {
                let customer =
                    named.then(|| json!({"first_name": "Ada", "email": "ada@example.com"}));
                let payload = json!({
                    "id": ID, "updated_at": at(moment), "created_at": at(0), "name": "#7",
                    "financial_status": financial, "fulfillment_status": fulfillment,
                    "cancelled_at": cancelled.map(at), "currency": "USD",
                    "total_price": format!("{price}.50"), "customer": customer,
                    "line_items": [{"quantity": price}],
                });
                Message::Order(Box::new(
                    payload::parse(payload.to_string().as_bytes()).unwrap(),
                ))
            },
        )
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        9 => payload(),
        1 => (0..6_i64).prop_map(|moment| Message::Deleted(at(moment))),
    ]
}

fn edit() -> impl Strategy<Value = OrderEdit> {
    let text = || prop::option::of(prop::option::of("[a-z]{1,3}"));
    (text(), text()).prop_map(|(tracking_number, notes)| OrderEdit {
        status: None,
        tracking_number,
        notes,
    })
}

/// A history of messages, and one sequence in which they may arrive: permuted, with
/// repeats and with people's edits in between.
fn arrivals() -> impl Strategy<Value = (Vec<Message>, Vec<Step>)> {
    prop::collection::vec(message(), 1..6).prop_flat_map(|life| {
        let repeats = prop::collection::vec(0..life.len(), 0..4);
        let edits = prop::collection::vec(edit(), 0..4);
        (Just(life), repeats, edits).prop_flat_map(|(life, repeats, edits)| {
            let mut steps: Vec<Step> = life.iter().cloned().map(Step::Channel).collect();
            steps.extend(
                repeats
                    .iter()
                    .map(|index| Step::Channel(life[*index].clone())),
            );
            steps.extend(edits.into_iter().map(Step::Person));
            (Just(life), Just(steps).prop_shuffle())
        })
    })
}

/// An order with its history.
#[derive(Default)]
struct Replay {
    order: Option<OrderState>,
    history: Vec<(i64, Vec<FieldChange>)>,
    /// The value that people set last.
    tracking_number: Option<String>,
    notes: Option<String>,
}

impl Replay {
    fn channel(&mut self, message: &Message) {
        let current = self.order.as_ref();
        let account = ChannelAccount::shopify("acme");
        let outcome = match message {
            Message::Order(patch) => ChannelUpdate {
                account: &account,
                patch,
                status_map: status::map,
                triggered_at: None,
                tiers: &ShippingTiers::default(),
                now: at(100),
            }
            .apply(current, Uuid::from_u128(1)),
            Message::Deleted(time) => {
                let key = OrderKey {
                    external_id: ExternalOrderId::new(ID.to_string()).unwrap(),
                    account,
                };
                channel_rules::delete(current, key, *time, Uuid::from_u128(1), at(100))
            }
        };
        match outcome {
            ChannelOutcome::Changed(next) => self.commit(*next),
            ChannelOutcome::Unchanged(next) => self.order = Some(*next),
            ChannelOutcome::Stale => {}
        }
    }

    fn person(&mut self, edit: &OrderEdit) {
        let Some(current) = &self.order else {
            return;
        };
        if let Some(tracking_number) = &edit.tracking_number {
            self.tracking_number.clone_from(tracking_number);
        }
        if let Some(notes) = &edit.notes {
            self.notes.clone_from(notes);
        }
        if let Some(next) = edit.apply(current, at(100)) {
            self.commit(next);
        }
    }

    fn commit(&mut self, next: OrderState) {
        let changes = next.changes_since(self.order.as_ref());
        self.history.push((next.version, changes));
        self.order = Some(next);
    }

    fn after(steps: &[Step]) -> Self {
        let mut replay = Self::default();
        for step in steps {
            match step {
                Step::Channel(message) => replay.channel(message),
                Step::Person(edit) => replay.person(edit),
            }
        }
        replay
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn messages_in_any_sequence_end_with_the_same_channel_fields((life, steps) in arrivals()) {
        let in_order: Vec<Step> = life.into_iter().map(Step::Channel).collect();
        let expected = Replay::after(&in_order).order.unwrap();
        let arrived = Replay::after(&steps).order.unwrap();
        prop_assert_eq!(&arrived.channel, &expected.channel);
        prop_assert_eq!(arrived.deleted_at, expected.deleted_at);
        prop_assert_eq!(arrived.clock, expected.clock);
        // No edit chose a status, so it is the channel's.
        prop_assert_eq!(arrived.status, expected.status);
    }

    #[test]
    fn what_people_wrote_is_kept((_, steps) in arrivals()) {
        let replay = Replay::after(&steps);
        let order = replay.order.unwrap();
        prop_assert_eq!(order.tracking_number, replay.tracking_number);
        prop_assert_eq!(order.notes, replay.notes);
    }

    #[test]
    fn versions_have_no_gap_and_history_replays_to_the_order((_, steps) in arrivals()) {
        let replay = Replay::after(&steps);
        let order = replay.order.unwrap();
        let versions: Vec<i64> = replay.history.iter().map(|(version, _)| *version).collect();
        prop_assert_eq!(versions, (1..=order.version).collect::<Vec<_>>());
        let mut replayed = serde_json::Map::new();
        for (_, changes) in replay.history {
            for change in changes {
                let known = replayed.insert(change.field, change.to).unwrap_or(Value::Null);
                prop_assert_eq!(known, change.from);
            }
        }
        for (field, value) in order.history_fields() {
            prop_assert_eq!(replayed.get(field).unwrap_or(&Value::Null), &value, "{}", field);
        }
    }

    #[test]
    fn a_persons_status_changes_only_when_the_channels_does((_, steps) in arrivals()) {
        let mut replay = Replay::default();
        for step in &steps {
            let before = replay.order.clone();
            match step {
                Step::Channel(message) => replay.channel(message),
                Step::Person(_) => replay.person(&OrderEdit {
                    status: Some(OrderStatus::Confirmed),
                    ..OrderEdit::default()
                }),
            }
            if let (Step::Channel(_), Some(before), Some(after)) = (step, before, &replay.order)
                && before.channel.status == after.channel.status
                && before.deleted_at == after.deleted_at
            {
                prop_assert_eq!(before.status, after.status);
            }
        }
    }
}
