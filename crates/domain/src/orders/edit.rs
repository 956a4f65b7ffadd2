//! The effect of a person's edit on an order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::orders::order::OrderState;
use crate::orders::status::OrderStatus;

/// Longest tracking number, in characters.
pub const MAX_TRACKING_NUMBER: usize = 100;

/// Longest note, in characters.
pub const MAX_NOTES: usize = 5_000;

/// The fields a person may change. Absent keeps, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderEdit {
    /// The status of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<OrderStatus>,
    /// Carrier's tracking number.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub tracking_number: Option<Option<String>>,
    /// Free text.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub notes: Option<Option<String>>,
}

/// Distinguishes `null` (`Some(None)`) from absent (`None`, through `default`).
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A field that cannot be stored as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{field}: {message}")]
pub struct FieldError {
    /// Wire name of the field.
    pub field: String,
    /// What is wrong, for the person who typed it.
    pub message: String,
}

/// A field on which an edit and the stored order disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Wire name.
    pub field: &'static str,
    /// The edit's value.
    pub yours: Value,
    /// The stored value.
    pub current: Value,
}

impl OrderEdit {
    /// Trims texts, turns blank ones into "clear", and checks lengths and characters.
    pub fn validated(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut check = |field: &str,
                         value: Option<Option<String>>,
                         max: usize,
                         multiline: bool| {
            value.map(|text| {
                let text = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
                if let Some(message) = text.as_deref().and_then(|t| text_error(t, max, multiline)) {
                    errors.push(FieldError {
                        field: field.to_owned(),
                        message,
                    });
                }
                text
            })
        };
        let tracking_number = check(
            "trackingNumber",
            self.tracking_number,
            MAX_TRACKING_NUMBER,
            false,
        );
        let notes = check("notes", self.notes, MAX_NOTES, true);
        if errors.is_empty() {
            Ok(Self {
                status: self.status,
                tracking_number,
                notes,
            })
        } else {
            Err(errors)
        }
    }

    /// The order after this edit, its version one higher; `None` when nothing
    /// would change.
    pub fn apply(&self, current: &OrderState, now: DateTime<Utc>) -> Option<OrderState> {
        let mut next = current.clone();
        if let Some(status) = self.status
            && status != current.status
        {
            next.set_status(status, now);
        }
        if let Some(tracking_number) = &self.tracking_number {
            next.tracking_number.clone_from(tracking_number);
        }
        if let Some(notes) = &self.notes {
            next.notes.clone_from(notes);
        }
        if next == *current {
            return None;
        }
        next.version += 1;
        next.updated_at = now;
        Some(next)
    }

    /// Three-way merge onto an order that has changed since the edit began. `base`
    /// returns the value of a field when the edit began, and `None` for fields that
    /// nobody else has changed since.
    ///
    /// A change by one side is kept; a change by both to different values is a
    /// conflict.
    pub fn merge(
        mut self,
        current: &OrderState,
        base: impl Fn(&str) -> Option<Value>,
    ) -> Result<Self, Vec<Difference>> {
        let mut conflicts = Vec::new();
        for difference in self.differences(current) {
            let Some(base) = base(difference.field) else {
                continue;
            };
            if difference.yours == base {
                // Sent, but not changed on this side: the stored value stays.
                self.omit(difference.field);
            } else {
                conflicts.push(difference);
            }
        }
        if conflicts.is_empty() {
            Ok(self)
        } else {
            Err(conflicts)
        }
    }

    fn omit(&mut self, field: &str) {
        match field {
            "status" => self.status = None,
            "trackingNumber" => self.tracking_number = None,
            _ => self.notes = None,
        }
    }

    /// Rejects a change of status that makes no sense, with the reason.
    pub fn check_transition(&self, current: &OrderState) -> Result<(), FieldError> {
        let Some(to) = self.status else {
            return Ok(());
        };
        let reason = match (current.status, to) {
            (from, to) if from == to => return Ok(()),
            _ if current.deleted_at.is_some() => "the shop deleted this order",
            (OrderStatus::Cancelled, OrderStatus::Shipped | OrderStatus::Delivered) => {
                "a cancelled order does not ship; reopen it as CONFIRMED first"
            }
            (OrderStatus::Shipped, OrderStatus::Pending) => {
                "it has left the building; to undo the shipment set CONFIRMED"
            }
            (OrderStatus::Delivered, OrderStatus::Pending | OrderStatus::Confirmed) => {
                "it was delivered; to undo the delivery set SHIPPED"
            }
            _ => return Ok(()),
        };
        Err(FieldError {
            field: "status".to_owned(),
            message: format!("cannot go from {} to {to}: {reason}", current.status),
        })
    }

    /// The fields this edit sets to something other than `current` holds.
    pub fn differences(&self, current: &OrderState) -> Vec<Difference> {
        [
            self.status
                .map(|yours| ("status", json!(yours), json!(current.status))),
            self.tracking_number.as_ref().map(|yours| {
                (
                    "trackingNumber",
                    json!(yours),
                    json!(current.tracking_number),
                )
            }),
            self.notes
                .as_ref()
                .map(|yours| ("notes", json!(yours), json!(current.notes))),
        ]
        .into_iter()
        .flatten()
        .filter(|(_, yours, current)| yours != current)
        .map(|(field, yours, current)| Difference {
            field,
            yours,
            current,
        })
        .collect()
    }
}

fn text_error(text: &str, max: usize, multiline: bool) -> Option<String> {
    let allowed = |c: char| !c.is_control() || (multiline && matches!(c, '\n' | '\r' | '\t'));
    let length = text.chars().count();
    if length > max {
        Some(format!("at most {max} characters, this has {length}"))
    } else if !text.chars().all(allowed) {
        Some("must not contain control characters".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::samples::{self, at};

    fn edit(json: &str) -> OrderEdit {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn absent_keeps_and_null_clears() {
        let mut order = samples::order();
        order.tracking_number = Some("1Z999".into());
        order.notes = Some("gift".into());
        let next = edit(r#"{"notes":null}"#).apply(&order, at(9)).unwrap();
        assert_eq!(next.tracking_number.as_deref(), Some("1Z999"));
        assert_eq!(next.notes, None);
        assert_eq!(next.version, 2);
    }

    #[test]
    fn an_edit_that_changes_nothing_is_no_new_version() {
        let order = samples::order();
        assert_eq!(edit(r#"{"status":"CONFIRMED"}"#).apply(&order, at(9)), None);
        assert_eq!(edit("{}").apply(&order, at(9)), None);
    }

    #[test]
    fn delivery_is_dated_when_a_person_reports_it_and_undone_with_it() {
        let delivered = edit(r#"{"status":"DELIVERED"}"#)
            .apply(&samples::order(), at(9))
            .unwrap();
        assert_eq!(delivered.delivered_at, Some(at(9)));
        let back = edit(r#"{"status":"SHIPPED"}"#)
            .apply(&delivered, at(10))
            .unwrap();
        assert_eq!(back.delivered_at, None);
    }

    #[test]
    fn blank_text_clears_and_padding_is_dropped() {
        let checked = edit(r#"{"trackingNumber":"  1Z 9 ","notes":"   "}"#)
            .validated()
            .unwrap();
        assert_eq!(checked.tracking_number, Some(Some("1Z 9".into())));
        assert_eq!(checked.notes, Some(None));
    }

    #[test]
    fn text_over_the_limit_or_with_control_characters_is_rejected_by_field() {
        let long = OrderEdit {
            tracking_number: Some(Some("x".repeat(MAX_TRACKING_NUMBER + 1))),
            notes: Some(Some("a\u{0}b".into())),
            ..OrderEdit::default()
        };
        let errors = long.validated().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["trackingNumber", "notes"]);
        let fits = OrderEdit {
            tracking_number: Some(Some("x".repeat(MAX_TRACKING_NUMBER))),
            notes: Some(Some(format!("{}\nend", "é".repeat(MAX_NOTES - 4)))),
            ..OrderEdit::default()
        };
        assert!(fits.validated().is_ok());
    }

    #[test]
    fn differences_name_only_fields_where_the_two_disagree() {
        let order = samples::order();
        let differences = edit(r#"{"status":"SHIPPED","notes":null}"#).differences(&order);
        assert_eq!(
            differences,
            [Difference {
                field: "status",
                yours: json!("SHIPPED"),
                current: json!("CONFIRMED"),
            }]
        );
    }

    /// `current` after another person set the notes to "theirs"; they were empty before.
    fn overtaken() -> (OrderState, impl Fn(&str) -> Option<Value>) {
        let mut current = samples::order();
        current.notes = Some("theirs".into());
        current.version = 2;
        (current, |field: &str| {
            (field == "notes").then_some(Value::Null)
        })
    }

    #[test]
    fn a_change_to_a_field_nobody_else_touched_is_merged() {
        let (current, base) = overtaken();
        let mine = edit(r#"{"trackingNumber":"1Z"}"#);
        assert_eq!(mine.clone().merge(&current, base), Ok(mine));
    }

    #[test]
    fn a_field_sent_unchanged_does_not_undo_the_change_of_another_person() {
        let (current, base) = overtaken();
        let mine = edit(r#"{"trackingNumber":"1Z","notes":null}"#);
        let merged = mine.merge(&current, base).unwrap();
        assert_eq!(merged.notes, None);
        assert_eq!(merged.tracking_number, Some(Some("1Z".into())));
    }

    #[test]
    fn the_same_field_set_differently_is_a_conflict_and_set_alike_is_not() {
        let (current, base) = overtaken();
        let conflicts = edit(r#"{"notes":"mine"}"#)
            .merge(&current, &base)
            .unwrap_err();
        assert_eq!(conflicts[0].field, "notes");
        assert!(edit(r#"{"notes":"theirs"}"#).merge(&current, &base).is_ok());
    }

    #[test]
    fn a_status_change_that_makes_no_sense_is_rejected_with_the_reason() {
        let from = |status| {
            let mut order = samples::order();
            order.status = status;
            order
        };
        let ship = edit(r#"{"status":"SHIPPED"}"#);
        let refusal = ship
            .check_transition(&from(OrderStatus::Cancelled))
            .unwrap_err();
        assert!(refusal.message.contains("CONFIRMED first"), "{refusal}");
        assert!(ship.check_transition(&from(OrderStatus::Pending)).is_ok());
        let reset = edit(r#"{"status":"PENDING"}"#);
        assert!(reset.check_transition(&from(OrderStatus::Shipped)).is_err());
        assert!(
            reset
                .check_transition(&from(OrderStatus::Confirmed))
                .is_ok()
        );
        let mut deleted = from(OrderStatus::Cancelled);
        deleted.deleted_at = Some(at(0));
        let reopen = edit(r#"{"status":"CONFIRMED"}"#);
        assert!(reopen.check_transition(&deleted).is_err());
        assert!(
            reopen
                .check_transition(&from(OrderStatus::Cancelled))
                .is_ok()
        );
    }
}
