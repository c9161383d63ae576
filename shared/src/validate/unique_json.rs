//! JSON of which no object has a name twice: RFC 8259 section 4 leaves open which of two values counts, so that a proxy, an audit or an
//! approval could read another one than this service.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// A JSON value of which no object has a name twice.
#[derive(Debug)]
pub struct UniqueJson(pub Value);

impl<'de> Deserialize<'de> for UniqueJson {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(UniqueJsonVisitor)
    }
}

struct UniqueJsonVisitor;

impl<'de> Visitor<'de> for UniqueJsonVisitor {
    type Value = UniqueJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<UniqueJson, E> {
        Ok(UniqueJson(Value::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<UniqueJson, E> {
        Ok(UniqueJson(flag.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<UniqueJson, E> {
        Ok(UniqueJson(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<UniqueJson, E> {
        Ok(UniqueJson(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<UniqueJson, E> {
        Ok(UniqueJson(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<UniqueJson, E> {
        Ok(UniqueJson(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<UniqueJson, E> {
        Ok(UniqueJson(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<UniqueJson, A::Error> {
        let mut list = vec![];
        while let Some(UniqueJson(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(UniqueJson(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<UniqueJson, A::Error> {
        let mut object = Map::new();
        while let Some((name, UniqueJson(value))) = fields.next_entry::<String, UniqueJson>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            object.insert(name, value);
        }
        Ok(UniqueJson(object.into()))
    }
}
