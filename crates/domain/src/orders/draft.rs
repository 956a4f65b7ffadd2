//! An edit under way while the order changes underneath: what follows, what is
//! kept, and what a person has to decide.
//!
//! Nothing typed is ever dropped: a field that was touched changes only by the
//! hand of the person, and "take theirs" can be taken back.

use crate::orders::edit::OrderEdit;
use crate::orders::status::OrderStatus;
use crate::wire::Order;

/// A field a person may edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The desk's status.
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

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::TrackingNumber => "Tracking number",
            Self::Notes => "Notes",
        }
    }
}

/// Stored, both would be the same: blanks around a text are not kept.
fn same(one: &str, other: &str) -> bool {
    one.trim() == other.trim()
}

/// The form's fields as text; empty is none. A status is in its wire spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values([String; 3]);

impl Values {
    /// What an order holds.
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

    /// Stored, both would be the same.
    pub fn is_same(&self, other: &Self) -> bool {
        Field::ALL
            .iter()
            .all(|field| same(self.get(*field), other.get(*field)))
    }

    /// Sets one field.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        self.0[field as usize] = value.into();
    }
}

/// What the person decided about a field both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Nothing yet.
    Open,
    /// Keep what was typed.
    Mine,
    /// Take what is stored.
    Theirs,
}

impl Choice {
    /// For style sheets and tests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Mine => "mine",
            Self::Theirs => "theirs",
        }
    }
}

/// A field both sides changed, to different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The field.
    pub field: Field,
    /// What was typed, kept even when theirs was taken.
    pub mine: String,
    /// What is stored now.
    pub theirs: String,
    /// What was decided.
    pub choice: Choice,
}

/// What a change underneath did to a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Untouched fields that followed.
    pub followed: Vec<Field>,
    /// Fields to decide on that were not before.
    pub clashed: Vec<Field>,
}

/// What a person has typed, on top of the latest version known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    base: Order,
    values: Values,
    clashes: Vec<Clash>,
}

impl Draft {
    /// A draft without changes.
    pub fn new(order: Order) -> Self {
        Self {
            values: Values::of(&order),
            base: order,
            clashes: Vec::new(),
        }
    }

    /// The order underneath: the version a save is made on.
    pub const fn base(&self) -> &Order {
        &self.base
    }

    /// What a field shows.
    pub fn get(&self, field: Field) -> &str {
        self.values.get(field)
    }

    /// What both sides changed.
    pub fn clashes(&self) -> &[Clash] {
        &self.clashes
    }

    /// Something has to be decided before this can be saved.
    pub fn is_open(&self) -> bool {
        self.clashes
            .iter()
            .any(|clash| clash.choice == Choice::Open)
    }

    /// The fields that differ from what is stored.
    pub fn dirty(&self) -> Vec<Field> {
        let stored = Values::of(&self.base);
        let differs = |field: &Field| !same(self.get(*field), stored.get(*field));
        Field::ALL.into_iter().filter(differs).collect()
    }

    /// The person types.
    pub fn set(&mut self, field: Field, value: impl Into<String>) {
        self.values.set(field, value);
        let typed = self.get(field).to_owned();
        if let Some(clash) = self.clashes.iter_mut().find(|clash| clash.field == field) {
            if clash.choice == Choice::Theirs {
                clash.choice = Choice::Mine;
            }
            clash.mine = typed;
        }
        // Typed the same by hand: nothing left to decide.
        self.clashes.retain(|clash| clash.mine != clash.theirs);
    }

    /// The order changed underneath. Older or repeated news changes nothing.
    pub fn rebase(&mut self, live: Order) -> Rebased {
        let mut rebased = Rebased::default();
        if live.version <= self.base.version {
            return rebased;
        }
        let (before, after) = (Values::of(&self.base), Values::of(&live));
        for field in Field::ALL {
            let theirs = after.get(field);
            let is_dirty = !same(self.get(field), before.get(field));
            if before.get(field) == theirs {
                continue;
            }
            if !is_dirty {
                self.values.set(field, theirs);
                rebased.followed.push(field);
            } else if same(self.get(field), theirs) {
                // Both did the same.
                self.clashes.retain(|clash| clash.field != field);
                continue;
            }
            let mine = self.get(field).to_owned();
            match self.clashes.iter_mut().find(|clash| clash.field == field) {
                Some(clash) => {
                    theirs.clone_into(&mut clash.theirs);
                    // What was decided was decided about another value.
                    if is_dirty && clash.choice == Choice::Mine {
                        clash.choice = Choice::Open;
                        rebased.clashed.push(field);
                    }
                }
                None if is_dirty => {
                    self.clashes.push(Clash {
                        field,
                        mine,
                        theirs: theirs.to_owned(),
                        choice: Choice::Open,
                    });
                    rebased.clashed.push(field);
                }
                None => {}
            }
        }
        self.base = live;
        // Theirs became mine meanwhile.
        self.clashes
            .retain(|clash| !same(&clash.mine, &clash.theirs));
        rebased
    }

    /// Decides one field.
    pub fn choose(&mut self, field: Field, choice: Choice) {
        let Some(clash) = self.clashes.iter_mut().find(|clash| clash.field == field) else {
            return;
        };
        clash.choice = choice;
        let value = match choice {
            Choice::Theirs => clash.theirs.clone(),
            Choice::Mine | Choice::Open => clash.mine.clone(),
        };
        self.values.set(field, value);
    }

    /// Keeps what was typed in every field.
    pub fn keep_all(&mut self) {
        for field in Field::ALL {
            self.choose(field, Choice::Mine);
        }
    }

    /// Shows the order as stored; what was typed is handed back, for a change
    /// of mind.
    #[must_use]
    pub fn refresh(&mut self) -> Self {
        let fresh = Self::new(self.base.clone());
        std::mem::replace(self, fresh)
    }

    /// Something was typed here, even if theirs was taken since.
    pub fn has_words(&self) -> bool {
        !self.clashes.is_empty() || !self.dirty().is_empty()
    }

    /// Brings back what [`refresh`](Self::refresh) handed out, decisions
    /// included. What was typed since stays where `mine` holds nothing.
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

    /// The draft was saved as `order`. What was typed meanwhile stays; where
    /// somebody else set the same field meanwhile, there is something to decide.
    pub fn saved(&mut self, sent: &Values, order: Order) {
        let after = Values::of(&order);
        self.clashes.clear();
        for field in Field::ALL {
            let theirs = after.get(field);
            if self.get(field) == sent.get(field) {
                self.values.set(field, theirs);
            } else if !same(theirs, sent.get(field)) && !same(theirs, self.get(field)) {
                self.clashes.push(Clash {
                    field,
                    mine: self.get(field).to_owned(),
                    theirs: theirs.to_owned(),
                    choice: Choice::Open,
                });
            }
        }
        if order.version >= self.base.version {
            self.base = order;
        }
    }

    /// A copy of what is typed.
    pub fn values(&self) -> Values {
        self.values.clone()
    }

    /// What is to be saved: the fields that differ.
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
