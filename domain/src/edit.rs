//! What a person's edit does to an order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::order::OrderState;
use crate::status::OrderStatus;

/// Longest tracking number, in characters.
pub const MAX_TRACKING_NUMBER: usize = 100;

/// Longest note, in characters.
pub const MAX_NOTES: usize = 5_000;

/// The fields a person may change. Absent keeps, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderEdit {
    /// The desk's status.
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

/// Tells `null` (`Some(None)`) from absent (`None`, through `default`).
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A field that cannot be stored as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// Wire name of the field.
    pub field: String,
    /// What is wrong, for the person who typed it.
    pub message: String,
}

impl OrderEdit {
    /// Trims, turns blank text into "clear", and checks lengths and characters.
    pub fn validated(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut check = |field: &str,
                         value: Option<Option<String>>,
                         max: usize,
                         multiline: bool| {
            value.map(|text| {
                let text = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
                if let Some(message) = text.as_deref().and_then(|t| complaint(t, max, multiline)) {
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

    /// The fields this edit sets to something other than `current` holds:
    /// wire name, the edit's value, the current value.
    pub fn differences(&self, current: &OrderState) -> Vec<(&'static str, Value, Value)> {
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
        .collect()
    }
}

fn complaint(text: &str, max: usize, multiline: bool) -> Option<String> {
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
    use crate::samples::{self, at};

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
    fn text_over_the_limit_or_with_control_characters_is_refused_by_field() {
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
            [("status", json!("SHIPPED"), json!("CONFIRMED"))]
        );
    }
}
