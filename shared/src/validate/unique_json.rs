//! JSON as a request can have it: no object has a name twice, and values and names are bounded.
//!
//! RFC 8259 section 4 leaves open which of two values of a name counts, so that a proxy, an audit or an approval could read another one
//! than this service. The bounds hold the memory and the work of a body of 2 MiB near those of its bytes: a value takes 32 bytes, of
//! which a text has two, and a path repeats the names that lead to it.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// Largest number of values in one text: objects, lists, texts, numbers, booleans and nulls.
pub const MAX_VALUES: usize = 50_000;
/// Longest name in an object, in bytes.
const MAX_NAME_BYTES: usize = 1024;

/// A JSON value of which no object has a name twice, with at most [`MAX_VALUES`] values and names of at most 1 KiB.
#[derive(Debug)]
pub struct UniqueJson(pub Value);

impl<'de> Deserialize<'de> for UniqueJson {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        UniqueValue { left: &Cell::new(MAX_VALUES) }.deserialize(from).map(Self)
    }
}

/// Returns the reason that refuses a value after the last one that a text can have.
fn too_many_values() -> String {
    format!("must be left out: a request can have {MAX_VALUES} values, counting objects, lists, texts and numbers")
}

/// One value, and the number of values that the text can have beside it.
#[derive(Clone, Copy)]
struct UniqueValue<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for UniqueValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| D::Error::custom(too_many_values()))?;
        self.left.set(left);
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for UniqueValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = vec![];
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if name.len() > MAX_NAME_BYTES {
                return Err(A::Error::custom(format_args!("must have names of at most {MAX_NAME_BYTES} bytes")));
            }
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            let value = fields.next_value_seed(self)?;
            object.insert(name, value);
        }
        Ok(object.into())
    }
}
