//! Free-form JSON in a row, stored as text. As an attribute it would meet DynamoDB's own limits (no empty names, 32 levels,
//! numbers up to 1e126), which callers' and providers' JSON does not observe.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with = "json_text")]`.
pub(super) fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
}

/// For `#[serde(with = "json_text")]`.
pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}
