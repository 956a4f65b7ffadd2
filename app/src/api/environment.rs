//! What browser and server each have in their own way.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A new idempotency key. It has to be new, not secret.
pub fn new_key() -> Uuid {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "random bytes"
        )]
        let bytes = std::array::from_fn(|_| (js_sys::Math::random() * 256.0) as u8);
        return uuid::Builder::from_random_bytes(bytes).into_uuid();
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return Uuid::nil();
}

/// The time now.
pub fn now() -> DateTime<Utc> {
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    {
        // The standard library has no clock in the browser.
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
        return DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default();
    }
    #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
    return std::time::SystemTime::now().into();
}
