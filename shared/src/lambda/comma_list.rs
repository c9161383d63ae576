//! Lists in a query: one parameter with items that are separated by commas.

use serde::de::{Deserialize, Deserializer, IntoDeserializer};
use std::borrow::Cow;

/// Deserializes a list from a text such as `gmail,slack`, for `#[serde(default, deserialize_with = "comma_separated")]`. Spaces around an
/// item and empty items are ignored.
///
/// # Errors
/// That of the first item that is no `T`.
pub fn comma_separated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    let text = Cow::<str>::deserialize(from)?;
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| T::deserialize(item.to_owned().into_deserializer())).collect()
}
