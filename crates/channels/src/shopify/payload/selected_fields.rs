//! Parses JSON but keeps only selected fields of its objects, to save memory and time:
//! of Shopify's 20 kB about an order, a hundredth is used. The rest is only checked to
//! be valid JSON.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Parses a value and keeps the fields of these names, at any depth.
pub(super) fn read(json: &[u8], fields: &'static [&'static str]) -> serde_json::Result<Value> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let value = SelectedFields(fields).deserialize(&mut json)?;
    json.end().map(|()| value)
}

#[derive(Clone, Copy)]
struct SelectedFields(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for SelectedFields {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SelectedFields {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key_seed(SelectedName(self.0))? {
            match name {
                Some(name) => {
                    object.insert(name.to_owned(), fields.next_value_seed(self)?);
                }
                None => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Value::Object(object))
    }
}

/// Parses the name of a field; `None` unless it is one of these.
struct SelectedName(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for SelectedName {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for SelectedName {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|known| **known == name).copied())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: &str) -> serde_json::Result<Value> {
        super::read(json.as_bytes(), &["id", "items", "name"])
    }

    #[test]
    fn only_selected_fields_are_kept_at_any_depth() {
        let found = read(r#"{"id": 1, "x": {"id": 2}, "items": [{"name": "a\n", "y": [1.5]}]}"#);
        let kept = json!({"id": 1, "items": [{"name": "a\n"}]});
        assert_eq!(found.unwrap(), kept);
    }

    #[test]
    fn fields_that_are_not_kept_must_still_be_valid_json() {
        assert!(read(r#"{"id": 1, "x": [}"#).is_err());
        assert!(read(r#"{"id": 1} and more"#).is_err());
    }
}
