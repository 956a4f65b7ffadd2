//! Deserialises structs from JSON objects only. Serde by itself also accepts an array,
//! field by field, so that `[]` would be a filter that matches everything.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A struct that is deserialised from a JSON object and from nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fields(deserializer).map(Self)
    }
}

/// The same for a field: `#[serde(deserialize_with = "object::fields")]`.
pub(super) fn fields<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let object = Map::deserialize(deserializer)?;
    T::deserialize(Value::Object(object)).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::RetryRequest;

    #[test]
    fn an_array_is_refused() {
        for array in [json!([]), json!([{}]), json!([null]), json!("{}")] {
            let read = serde_json::from_value::<Object<RetryRequest>>(array.clone());
            assert!(read.is_err(), "{array}");
            let nested = json!({"filter": array});
            let read = serde_json::from_value::<Object<RetryRequest>>(nested.clone());
            assert!(read.is_err(), "{nested}");
        }
    }

    #[test]
    fn an_object_is_accepted() {
        let read = serde_json::from_value::<Object<RetryRequest>>(json!({"filter": {}}));
        assert_eq!(read.unwrap().0, RetryRequest::default());
    }
}
