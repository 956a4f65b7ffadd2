//! A person's edit in progress, rebased on every change of the order: which fields are
//! updated, which keep the typed value, and which the person has to decide.
//!
//! Nothing typed is ever dropped: only the person changes a field that was edited, and
//! "take theirs" can be undone.

use crate::orders::edit::OrderEdit;
use crate::orders::status::OrderStatus;
use crate::wire::Order;

/// A field a person may edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The status of the order.
    Status,
    /// The carrier's tracking number.
    TrackingNumber,
    /// Free text.
    Notes,
}

impl Field {
    /// Every field, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Status, Self::TrackingNumber, Self::Notes];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::TrackingNumber => "trackingNumber",
            Self::Notes => "notes",
        }
    }

    /// The label shown to people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::TrackingNumber => "Tracking number",
            Self::Notes => "Notes",
        }
    }
}

/// Whether both are stored as the same text: blanks around a text are not stored.
fn is_same_text(one: &str, other: &str) -> bool {
    one.trim() == other.trim()
}

/// The form's fields as text; empty is none. A status is in its wire spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values([String; 3]);

impl Values {
    /// The values of an order.
    pub fn of(order: &Order) -> Self {
        Self([
            order.status.as_str().to_owned(),
            order.tracking_number.clone().unwrap_or_default(),
            order.notes.clone().unwrap_or_default(),
        ])
    }

    /// One field.
    pub fn get(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// Whether both are stored as the same values.
    pub fn is_same(&self, other: &Self) -> bool {
        Field::ALL
            .iter()
            .all(|field| is_same_text(self.get(*field), other.get(*field)))
    }

    /// Sets one field.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        self.0[field as usize] = value.into();
    }
}

/// The decision about a field that both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Not decided yet.
    Undecided,
    /// Keep what was typed.
    Mine,
    /// Take the stored value.
    Theirs,
}

impl Choice {
    /// For style sheets and tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "open",
            Self::Mine => "mine",
            Self::Theirs => "theirs",
        }
    }
}

/// A field that both sides changed to different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldConflict {
    /// The field.
    pub field: Field,
    /// The typed value, kept even after theirs was taken.
    pub mine: String,
    /// The stored value.
    pub theirs: String,
    /// The decision.
    pub choice: Choice,
}

/// What a rebase did to a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Unedited fields that took the new value.
    pub followed: Vec<Field>,
    /// Fields with a new decision to make.
    pub conflicts: Vec<Field>,
}

/// The edit of a person, based on the latest known version of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    base: Order,
    values: Values,
    conflicts: Vec<FieldConflict>,
}

impl Draft {
    /// A draft without changes.
    pub fn new(order: Order) -> Self {
        Self {
            values: Values::of(&order),
            base: order,
            conflicts: Vec::new(),
        }
    }

    /// The order it is based on: a save names its version.
    pub const fn base(&self) -> &Order {
        &self.base
    }

    /// The value shown in a field.
    pub fn get(&self, field: Field) -> &str {
        self.values.get(field)
    }

    /// The fields that both sides changed.
    pub fn conflicts(&self) -> &[FieldConflict] {
        &self.conflicts
    }

    /// Whether a conflict has to be decided before a save.
    pub fn has_undecided(&self) -> bool {
        self.conflicts
            .iter()
            .any(|conflict| conflict.choice == Choice::Undecided)
    }

    /// The fields that differ from the stored order.
    pub fn dirty(&self) -> Vec<Field> {
        let stored = Values::of(&self.base);
        let differs = |field: &Field| !is_same_text(self.get(*field), stored.get(*field));
        Field::ALL.into_iter().filter(differs).collect()
    }

    /// The person types a value into a field.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        self.values.set(field, value);
        let typed = self.get(field).to_owned();
        if let Some(conflict) = self
            .conflicts
            .iter_mut()
            .find(|conflict| conflict.field == field)
        {
            if conflict.choice == Choice::Theirs {
                conflict.choice = Choice::Mine;
            }
            conflict.mine = typed;
        }
        // The person typed the stored value: nothing is left to decide.
        self.conflicts
            .retain(|conflict| conflict.mine != conflict.theirs);
    }

    /// Bases the draft on a newer version of the order. An older or repeated version
    /// changes nothing.
    pub fn rebase(&mut self, live: Order) -> Rebased {
        let mut rebased = Rebased::default();
        if live.version <= self.base.version {
            return rebased;
        }
        let (before, after) = (Values::of(&self.base), Values::of(&live));
        for field in Field::ALL {
            let theirs = after.get(field);
            let is_dirty = !is_same_text(self.get(field), before.get(field));
            if before.get(field) == theirs {
                continue;
            }
            if !is_dirty {
                self.values.set(field, theirs);
                rebased.followed.push(field);
            } else if is_same_text(self.get(field), theirs) {
                // Both sides made the same change.
                self.conflicts.retain(|conflict| conflict.field != field);
                continue;
            }
            let mine = self.get(field).to_owned();
            match self
                .conflicts
                .iter_mut()
                .find(|conflict| conflict.field == field)
            {
                Some(conflict) => {
                    theirs.clone_into(&mut conflict.theirs);
                    // The decision was about another value.
                    if is_dirty && conflict.choice == Choice::Mine {
                        conflict.choice = Choice::Undecided;
                        rebased.conflicts.push(field);
                    }
                }
                None if is_dirty => {
                    self.conflicts.push(FieldConflict {
                        field,
                        mine,
                        theirs: theirs.to_owned(),
                        choice: Choice::Undecided,
                    });
                    rebased.conflicts.push(field);
                }
                None => {}
            }
        }
        self.base = live;
        // The stored value may be the typed one by now.
        self.conflicts
            .retain(|conflict| !is_same_text(&conflict.mine, &conflict.theirs));
        rebased
    }

    /// Decides the conflict of one field.
    pub fn choose(&mut self, field: Field, choice: Choice) {
        let Some(conflict) = self
            .conflicts
            .iter_mut()
            .find(|conflict| conflict.field == field)
        else {
            return;
        };
        conflict.choice = choice;
        let value = match choice {
            Choice::Theirs => conflict.theirs.clone(),
            Choice::Mine | Choice::Undecided => conflict.mine.clone(),
        };
        self.values.set(field, value);
    }

    /// Keeps the typed value in every field.
    pub fn keep_all_mine(&mut self) {
        for field in Field::ALL {
            self.choose(field, Choice::Mine);
        }
    }

    /// Resets to the stored order. Returns the draft as it was, for [`restore`](Self::restore).
    #[must_use]
    pub fn refresh(&mut self) -> Self {
        let stored = Self::new(self.base.clone());
        std::mem::replace(self, stored)
    }

    /// Whether anything was typed, even if theirs was taken since.
    pub fn has_input(&self) -> bool {
        !self.conflicts.is_empty() || !self.dirty().is_empty()
    }

    /// Brings back a draft that [`refresh`](Self::refresh) returned, with its decisions.
    /// Text typed since stays in fields that `mine` did not edit.
    pub fn restore(&mut self, mine: Self) {
        let typed_since = std::mem::replace(self, mine);
        let touched = self.dirty();
        self.rebase(typed_since.base.clone());
        for field in typed_since.dirty() {
            if !touched.contains(&field) {
                self.set(field, typed_since.get(field));
            }
        }
    }

    /// The values `sent` were saved as `order`. Text typed since they were sent stays; if
    /// another person set the same field meanwhile, that is a conflict to decide.
    pub fn saved(&mut self, sent: &Values, order: Order) {
        let after = Values::of(&order);
        self.conflicts.clear();
        for field in Field::ALL {
            let theirs = after.get(field);
            if self.get(field) == sent.get(field) {
                self.values.set(field, theirs);
            } else if !is_same_text(theirs, sent.get(field))
                && !is_same_text(theirs, self.get(field))
            {
                self.conflicts.push(FieldConflict {
                    field,
                    mine: self.get(field).to_owned(),
                    theirs: theirs.to_owned(),
                    choice: Choice::Undecided,
                });
            }
        }
        if order.version >= self.base.version {
            self.base = order;
        }
    }

    /// A copy of the shown values.
    pub fn values(&self) -> Values {
        self.values.clone()
    }

    /// The edit to save: the fields that differ from the stored order.
    pub fn edit(&self) -> OrderEdit {
        let mut edit = OrderEdit::default();
        for field in self.dirty() {
            let text = self.get(field);
            let optional = Some(text.to_owned()).filter(|text| !text.is_empty());
            match field {
                Field::Status => edit.status = text.parse::<OrderStatus>().ok(),
                Field::TrackingNumber => edit.tracking_number = Some(optional),
                Field::Notes => edit.notes = Some(optional),
            }
        }
        edit
    }
}

#[cfg(test)]
#[path = "draft/tests.rs"]
mod tests;
