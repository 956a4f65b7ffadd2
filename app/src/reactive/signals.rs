//! Type-erased signals, memos and stored values: all of one type inside, with thin
//! typed wrappers. They behave as those of the same names in Leptos.

#![allow(clippy::disallowed_types, reason = "made of what others must not use")]

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use leptos::prelude::{self, *};

/// A value of any type.
type Value = Box<dyn Any + Send + Sync>;

fn boxed<T: Send + Sync + 'static>(value: T) -> Value {
    Box::new(value)
}

fn unboxed<T: 'static>(value: Value) -> Option<T> {
    value.downcast().ok().map(|value| *value)
}

#[expect(clippy::expect_used, reason = "the wrapper stores only this type")]
fn known<T: 'static>(value: &Value) -> &T {
    (**value).downcast_ref().expect("a value keeps its type")
}

#[expect(clippy::expect_used, reason = "the wrapper stores only this type")]
fn known_mut<T: 'static>(value: &mut Value) -> &mut T {
    (**value).downcast_mut().expect("a value keeps its type")
}

macro_rules! signal {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<T> {
            inner: prelude::$name<Value>,
            holds: PhantomData<fn() -> T>,
        }

        impl<T: Send + Sync + 'static> $name<T> {
            /// A signal with its first value.
            pub fn new(value: T) -> Self {
                Self {
                    inner: prelude::$name::new(boxed(value)),
                    holds: PhantomData,
                }
            }

            /// Sets another value and notifies subscribers.
            pub fn set(&self, value: T) {
                self.inner.set(boxed(value));
            }

            /// The same; returns the value if the signal is disposed of.
            pub fn try_set(&self, value: T) -> Option<T> {
                self.inner.try_set(boxed(value)).and_then(unboxed)
            }
        }

        impl<T: 'static> $name<T> {
            /// Reads it, and subscribes to it.
            pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
                read(known(&self.inner.read()))
            }

            /// Reads it.
            pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
                read(known(&self.inner.read_untracked()))
            }

            /// Reads it, unless it is disposed of.
            pub fn try_with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> Option<U> {
                Some(read(known(&*self.inner.try_read_untracked()?)))
            }

            /// Changes it and notifies subscribers.
            pub fn update(&self, change: impl FnOnce(&mut T)) {
                self.try_update(change);
            }

            /// Changes it and notifies subscribers, unless it is disposed of.
            pub fn try_update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
                Some(change(known_mut(&mut *self.inner.try_write()?)))
            }

            /// Changes it without notification, unless it is disposed of.
            pub fn try_update_untracked<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
                let mut guard = self.inner.try_write()?;
                guard.untrack();
                Some(change(known_mut(&mut *guard)))
            }

            /// Subscribes to it.
            pub fn track(&self) {
                self.inner.track();
            }
        }

        impl<T: Clone + 'static> $name<T> {
            /// Its value; subscribes to it.
            pub fn get(&self) -> T {
                self.with(T::clone)
            }

            /// Its value.
            pub fn get_untracked(&self) -> T {
                self.with_untracked(T::clone)
            }

            /// Its value, unless it is disposed of.
            pub fn try_get_untracked(&self) -> Option<T> {
                self.try_with_untracked(T::clone)
            }
        }

        impl<T: Default + Send + Sync + 'static> Default for $name<T> {
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

signal!(
    /// A signal; freed with its owner.
    RwSignal
);
signal!(
    /// A signal; freed with its last copy.
    ArcRwSignal
);

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T> Clone for ArcRwSignal<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            holds: PhantomData,
        }
    }
}

impl<T> From<ArcRwSignal<T>> for RwSignal<T> {
    fn from(signal: ArcRwSignal<T>) -> Self {
        Self {
            inner: signal.inner.into(),
            holds: PhantomData,
        }
    }
}

/// The value of a memo, and how to compare it with the one before.
struct Computed {
    value: Value,
    is_same: fn(&Value, &Value) -> bool,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(&self.value, &other.value)
    }
}

/// A value computed from signals.
pub struct Memo<T> {
    inner: prelude::Memo<Computed>,
    holds: PhantomData<fn() -> T>,
}

/// A value computed from signals, and computed again when one of them changes.
pub fn memo<T>(compute: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    fn start(compute: Box<dyn Fn() -> Computed + Send + Sync>) -> prelude::Memo<Computed> {
        prelude::Memo::new(move |_| compute())
    }
    Memo {
        inner: start(Box::new(move || Computed {
            value: boxed(compute()),
            is_same: |one, other| known::<T>(one) == known(other),
        })),
        holds: PhantomData,
    }
}

impl<T: 'static> Memo<T> {
    /// Reads it, and subscribes to it.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(known(&self.inner.read().value))
    }

    /// Reads it.
    pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(known(&self.inner.read_untracked().value))
    }

    /// Reads it, unless it is disposed of.
    pub fn try_with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> Option<U> {
        Some(read(known(&self.inner.try_read_untracked()?.value)))
    }
}

impl<T: Clone + 'static> Memo<T> {
    /// Its value; subscribes to it.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// Its value.
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }

    /// Its value, unless it is disposed of.
    pub fn try_get_untracked(&self) -> Option<T> {
        self.try_with_untracked(T::clone)
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

/// A value without subscriptions; freed with its owner.
pub struct StoredValue<T> {
    inner: prelude::StoredValue<Value>,
    holds: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Stores a value.
    pub fn new(value: T) -> Self {
        Self {
            inner: prelude::StoredValue::new(boxed(value)),
            holds: PhantomData,
        }
    }

    /// Stores another one.
    pub fn set_value(&self, value: T) {
        self.try_set_value(value);
    }

    /// Stores another one; returns it if the store is disposed of.
    pub fn try_set_value(&self, value: T) -> Option<T> {
        self.inner.try_set_value(boxed(value)).and_then(unboxed)
    }
}

impl<T: 'static> StoredValue<T> {
    /// Reads it.
    pub fn with_value<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(known(&self.inner.read_value()))
    }

    /// Changes it.
    pub fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Changes it, unless it is disposed of.
    pub fn try_update_value<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        Some(change(known_mut(&mut *self.inner.try_write_value()?)))
    }
}

impl<T: Clone + 'static> StoredValue<T> {
    /// Its value.
    pub fn get_value(&self) -> T {
        self.with_value(T::clone)
    }

    /// Its value, unless it is disposed of.
    pub fn try_get_value(&self) -> Option<T> {
        Some(known::<T>(&*self.inner.try_read_value()?).clone())
    }
}

impl<T: Default + Send + Sync + 'static> Default for StoredValue<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoredValue<T> {}

impl<T> fmt::Debug for StoredValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredValue")
    }
}
