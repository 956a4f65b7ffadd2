//! Notes to the person while the order changes during editing: pure functions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::orders::draft::{Draft, Field, Rebased};
use domain::orders::status::OrderStatus;
use domain::wire::OrderEvent;

/// The author of each field's stored value, and when it was stored.
pub type Authors = HashMap<String, (String, DateTime<Utc>)>;

/// A message above the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// `info`, `warning` or `error`.
    pub kind: &'static str,
    /// The message.
    pub text: String,
}

impl Note {
    /// A message that needs no action.
    pub fn info(text: impl Into<String>) -> Self {
        Self {
            kind: "info",
            text: text.into(),
        }
    }

    /// A message about a decision or a wait.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            kind: "warning",
            text: text.into(),
        }
    }

    /// A message about a failure.
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            kind: "error",
            text: text.into(),
        }
    }

    /// The form was reset to the stored order.
    pub fn refreshed() -> Self {
        Self::info("This is the order as saved. What you had typed is set aside.")
    }

    /// A save waits: for the connection, or for its next attempt.
    pub fn waiting(is_live: bool) -> Self {
        if is_live {
            return Self::warning(
                "The server did not answer. Your changes are kept; trying again.",
            );
        }
        Self::warning(
            "You are offline. Your changes are kept and will be saved as soon as the connection is back.",
        )
    }
}

impl Note {
    /// A save was asked for while a conflict is not decided.
    pub fn choose_first() -> Self {
        Self::warning("Choose below which value to keep, then save.")
    }

    /// A waiting save met a conflict.
    pub fn overtaken() -> Self {
        Self::warning("Not saved yet: somebody else changed the same. Choose below, then save.")
    }

    /// Every attempt to save met yet another change.
    pub fn keeps_changing() -> Self {
        Self::warning(
            "This order keeps changing. Nothing you typed is lost; have a look and save again.",
        )
    }

    /// The save succeeded, but more was typed in the meantime.
    pub fn typed_during_save() -> Self {
        Self::info("Saved. What you typed meanwhile is not saved yet.")
    }

    /// The server rejected the save as a whole.
    pub fn rejected(reason: &str) -> Self {
        Self::error(format!("Not saved. {reason} Nothing you typed is lost."))
    }
}

/// The note after the order changed during editing.
pub fn followed(
    draft: &Draft,
    rebased: &Rebased,
    authors: &Authors,
    version: i64,
    is_dirty: bool,
) -> Note {
    if !rebased.conflicts.is_empty() {
        let fields: Vec<_> = rebased
            .conflicts
            .iter()
            .map(|field| field.label())
            .collect();
        return Note::warning(format!(
            "{} changed while you were editing. Your changes are kept; decide below.",
            fields.join(" and ")
        ));
    }
    let what: Vec<_> = rebased
        .followed
        .iter()
        .map(|field| {
            let by = authors.get(field.as_str());
            let by = by.map_or_else(String::new, |(who, _)| format!(" ({})", actor(who)));
            match show(*field, draft.get(*field)) {
                value if value.is_empty() => format!("{} was cleared{by}", field.label()),
                value if *field == Field::Notes && value.chars().count() > 60 => {
                    format!("Notes changed{by}")
                }
                value => format!("{} is now {value}{by}", field.label()),
            }
        })
        .collect();
    let kept = if is_dirty {
        " Your changes are kept."
    } else {
        ""
    };
    if what.is_empty() {
        Note::info(format!("Updated to version {version}.{kept}"))
    } else {
        Note::info(format!("Just updated: {}.{kept}", what.join("; ")))
    }
}

/// The authors of the fields, completed by the history after a version.
pub fn authors(mut known: Authors, history: &[OrderEvent], after: i64) -> Authors {
    // The history is newest first, so it is applied in reverse: the newest author wins.
    for event in history.iter().rev().filter(|event| event.version > after) {
        for change in &event.changes {
            known.insert(change.field.clone(), (event.actor.clone(), event.at));
        }
    }
    known
}

/// An actor as shown to people: `Shopify`, `Ada`, `Your team`.
pub fn actor(name: &str) -> &str {
    match name {
        "shopify" => "Shopify",
        "desk" => "Your team",
        other => other.strip_prefix("desk:").unwrap_or(other),
    }
}

/// The author of the other side of a conflict, and the age of the change.
pub fn who_and_when(author: Option<&(String, DateTime<Utc>)>, now: DateTime<Utc>) -> String {
    author.map_or_else(
        || "Saved".to_owned(),
        |(who, at)| format!("{}, {}", actor(who), crate::format::age(*at, now)),
    )
}

/// The value of a field as shown to people.
pub fn show(field: Field, value: &str) -> String {
    match field {
        Field::Status => value
            .parse::<OrderStatus>()
            .map_or_else(|_| value.to_owned(), |status| status.label().to_owned()),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_names_rather_than_actors() {
        assert_eq!(actor("shopify"), "Shopify");
        assert_eq!(actor("desk"), "Your team");
        assert_eq!(actor("desk:Ada"), "Ada");
    }

    #[test]
    fn the_author_of_a_change_is_shown_with_its_age() {
        let at = DateTime::UNIX_EPOCH;
        let now = at + chrono::TimeDelta::seconds(30);
        let author = ("desk:Grace".to_owned(), at);
        assert_eq!(who_and_when(Some(&author), now), "Grace, 30 s ago");
        // Until the history is loaded, the author is not known.
        assert_eq!(who_and_when(None, now), "Saved");
    }

    #[test]
    fn values_are_shown_as_people_say_them() {
        assert_eq!(show(Field::Status, "SHIPPED"), "Shipped");
        assert_eq!(show(Field::Notes, "SHIPPED"), "SHIPPED");
    }
}
