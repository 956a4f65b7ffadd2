//! Reads JSON, but keeps of its objects only the fields that somebody looks at:
//! of Shopify's 20 kB about an order, that is a hundredth. The rest is checked
//! to be JSON and passed over.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a value, with the fields of these names, at whatever depth.
pub(super) fn read(json: &[u8], fields: &'static [&'static str]) -> serde_json::Result<Value> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let value = Lean(fields).deserialize(&mut json)?;
    json.end().map(|()| value)
}

#[derive(Clone, Copy)]
struct Lean(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Lean {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lean {
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
        while let Some(name) = fields.next_key_seed(Name(self.0))? {
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

/// A field's name, if it is one of these.
struct Name(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
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
    fn only_known_fields_are_kept_at_whatever_depth() {
        let found = read(r#"{"id": 1, "x": {"id": 2}, "items": [{"name": "a\n", "y": [1.5]}]}"#);
        let kept = json!({"id": 1, "items": [{"name": "a\n"}]});
        assert_eq!(found.unwrap(), kept);
    }

    #[test]
    fn what_is_passed_over_must_be_json_all_the_same() {
        assert!(read(r#"{"id": 1, "x": [}"#).is_err());
        assert!(read(r#"{"id": 1} and more"#).is_err());
    }
}
