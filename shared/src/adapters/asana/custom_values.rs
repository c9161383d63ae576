//! The custom fields that a caller sets, by name or id, and their values in the form that Asana takes for each type:
//! <https://developers.asana.com/docs/custom-fields-guide>

use serde::Deserializer;
use serde::de::Error as _;
use serde_json::{Map, Number};
use std::collections::{BTreeMap, BTreeSet};

use super::custom_field::{Definition, EnumOption, FieldPlace};
use super::directory::plain;
use super::input::is_gid;
use super::prelude::*;
use super::reference;
use crate::nearest;

/// Maximum number of fields of one call, and of values of one field.
const MAX_FIELDS: usize = 100;
/// Maximum number of names that a refusal lists.
const MAX_LISTED: usize = 30;
/// Maximum length of a text.
const MAX_TEXT: usize = 65_535;

/// Values of custom fields, each under the field's name or id (gid).
#[derive(Clone, Debug, Default, PartialEq, JsonSchema)]
#[schemars(inline, with = "Map<String, Value>", extend("x-form" = "an object with the fields' names or gids and their values"))]
pub(super) struct CustomFields(BTreeMap<String, Given>);

/// The value that a caller gives.
#[derive(Clone, Debug, PartialEq)]
enum Given {
    /// No value.
    Cleared,
    Text(String),
    Number(Number),
    /// Options, people or objects.
    Several(Vec<String>),
    Date(Day),
    Time(Instant),
}

/// The name or the id (gid) of a custom field.
pub(super) type FieldKey = Line<1024>;

impl<'de> Deserialize<'de> for CustomFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::<String, Value>::deserialize(deserializer)?;
        if fields.len() > MAX_FIELDS {
            return Err(D::Error::custom(format!("must have at most {MAX_FIELDS} fields; it has {}", fields.len())));
        }
        let mut values = BTreeMap::new();
        for (name, value) in fields {
            let value = Given::of(&value)
                .map_err(|reason| D::Error::custom(format!("must have valid values: {} {reason}", plain(&name))))?;
            if values.insert(plain(&name), value).is_some() {
                return Err(D::Error::custom(format!("must have each field once: {} is there twice", plain(&name))));
            }
        }
        Ok(Self(values))
    }
}

impl Given {
    /// Reads a value.
    fn of(value: &Value) -> Result<Self, &'static str> {
        const REASON: &str =
            "must be a text, a number, a list of texts or null, none of them empty, for example \"High\"";
        let text = |value: &Value| match value {
            Value::String(text) if !text.trim().is_empty() && text.len() <= MAX_TEXT => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match value {
            Value::Null => Ok(Self::Cleared),
            Value::Number(number) => Ok(Self::Number(number.clone())),
            Value::String(_) => text(value).map(Self::Text).ok_or(REASON),
            Value::Array(items) if items.len() <= MAX_FIELDS => {
                items.iter().map(text).collect::<Option<_>>().map(Self::Several).ok_or(REASON)
            }
            // Asana's own form of a date.
            Value::Object(date) => {
                let date: Vec<_> = date.iter().filter(|(_, value)| !value.is_null()).collect();
                match date.as_slice() {
                    [(name, Value::String(text))] if *name == "date" || *name == "date_time" => Self::date(text),
                    _ => None,
                }
                .ok_or("must be a date, for example {\"date\": \"2026-12-01\"}")
            }
            Value::Array(_) | Value::Bool(_) => Err(REASON),
        }
    }

    /// Reads a date, or a time with its zone.
    fn date(text: &str) -> Option<Self> {
        let read = |text: &str| json!(text);
        let day = serde_json::from_value(read(text)).map(Self::Date);
        day.or_else(|_| serde_json::from_value(read(text)).map(Self::Time)).ok()
    }

    /// Returns the value as texts.
    fn texts(&self) -> Vec<String> {
        match self {
            Self::Cleared => vec![],
            Self::Text(text) => vec![text.clone()],
            Self::Number(number) => vec![number.to_string()],
            Self::Several(texts) => texts.clone(),
            Self::Date(day) => vec![day.0.to_string()],
            Self::Time(time) => vec![time.0.to_string()],
        }
    }

    /// Returns the value as it was given, for a field of an unknown type.
    fn as_given(&self) -> Value {
        match self {
            Self::Cleared => Value::Null,
            Self::Number(number) => json!(number),
            Self::Several(texts) => json!(texts),
            Self::Text(text) => json!(text),
            Self::Date(day) => json!({ "date": day }),
            Self::Time(time) => json!({ "date_time": time }),
        }
    }
}

impl CustomFields {
    /// True if there is no field.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if a field is set under this name or id.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(&plain(key))
    }

    /// Adds fields without a value.
    pub(super) fn with_cleared<'a>(mut self, keys: impl Iterator<Item = &'a FieldKey>) -> Self {
        self.0.extend(keys.map(|key| (plain(key), Given::Cleared)));
        self
    }

    /// Returns the fields by their ids, with values in the form that Asana takes. The fields of the places are read, and cached for a while;
    /// where the grant does not allow that, only ids can be used, and their values are sent as they were given.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an unknown field, an unknown option, or a value of another type; or a failure of a look-up.
    pub(super) async fn resolve(&self, api: &Api<'_>, places: &[FieldPlace<'_>]) -> Result<Value> {
        let is_cleared_by_id = |(key, given): (&String, &Given)| is_gid(key) && *given == Given::Cleared;
        if self.0.iter().all(is_cleared_by_id) {
            return self.convert(api, &[]).await;
        }
        let (mut definitions, mut was_cached) = (vec![], false);
        for place in places {
            let (of_place, is_cached) = match place.definitions(api).await {
                Err(error) if error.is_access_refused() && self.0.keys().all(|key| is_gid(key)) => (vec![], false),
                definitions => definitions?,
            };
            definitions.extend(of_place);
            was_cached |= is_cached;
        }
        match self.convert(api, &definitions).await {
            // A field or an option may be new.
            Err(Error::Invalid { .. }) if was_cached => {
                places.iter().for_each(|place| place.forget(api));
                let mut fresh = vec![];
                for place in places {
                    fresh.extend(place.definitions(api).await?.0);
                }
                self.convert(api, &fresh).await
            }
            converted => converted,
        }
    }

    async fn convert(&self, api: &Api<'_>, definitions: &[Definition]) -> Result<Value> {
        let mut body = Map::new();
        for (key, given) in &self.0 {
            let (gid, value) = match find(key, definitions)? {
                None => (key.clone(), given.as_given()),
                Some(field) if field.is_read_only() => {
                    let reason = format!("is a field that cannot be set ({}): leave it out", field.kind());
                    return Err(invalid(key, reason));
                }
                Some(field) => (field.gid.clone(), value_of(api, field, key, given).await?),
            };
            if body.insert(gid, value).is_some() {
                return Err(invalid(
                    key,
                    "is a field that is there twice, under another name or its id: leave one out",
                ));
            }
        }
        Ok(Value::Object(body))
    }
}

fn invalid(key: &str, reason: impl Into<String>) -> Error {
    Error::invalid(format!("context.customFields.{key}"), reason)
}

/// Finds a field by its id or name; `None` for an id of another field, which Asana decides on.
fn find<'a>(key: &str, definitions: &'a [Definition]) -> Result<Option<&'a Definition>> {
    if let Some(field) = definitions.iter().find(|field| field.gid == key) {
        return Ok(Some(field));
    }
    let named = |is_same: fn(&str, &str) -> bool| {
        let mut seen = BTreeSet::new();
        let found = definitions.iter().filter(|field| is_same(field.name(), key) && seen.insert(&field.gid));
        found.collect::<Vec<&Definition>>()
    };
    let exact = named(|name, key| plain(name) == key);
    let found =
        if exact.is_empty() { named(|name, key| plain(name).to_lowercase() == key.to_lowercase()) } else { exact };
    match found.as_slice() {
        [one] => Ok(Some(one)),
        [] if is_gid(key) => Ok(None),
        [] => {
            let names: Vec<&str> =
                definitions.iter().filter(|field| !field.is_read_only()).map(Definition::name).collect();
            let known = if names.is_empty() { "it has none".to_owned() } else { listed(&names) };
            Err(invalid(key, format!("unknown field; known: {known}{}", nearest::question(key, names.iter().copied()))))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|field| field.gid.as_str()).collect();
            Err(invalid(key, format!("several fields have this name; use the id of one: {}", ids.join(", "))))
        }
    }
}

fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(MAX_LISTED);
    let list = names.iter().take(MAX_LISTED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { list } else { format!("{list} and {more} more") }
}

/// Returns a value in the form that Asana takes for the type of its field.
async fn value_of(api: &Api<'_>, field: &Definition, key: &str, given: &Given) -> Result<Value> {
    if *given == Given::Cleared {
        return Ok(Value::Null);
    }
    let single = || match given.texts().as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(invalid(key, "must have one value, for example \"High\"")),
    };
    Ok(match field.kind() {
        "text" => json!(single()?),
        "number" if field.is_percentage() => json!(percentage(&single()?).map_err(|reason| invalid(key, reason))?),
        "number" => json!(number(&single()?).ok_or_else(|| invalid(key, "must be a number, for example 2.5"))?),
        "enum" => json!(option(field, key, &single()?)?),
        "multi_enum" => {
            let options: Result<Vec<&str>> = given.texts().iter().map(|name| option(field, key, name)).collect();
            json!(options?)
        }
        "date" => match Given::date(&single()?) {
            Some(date) => date.as_given(),
            None => {
                let reason = "must be a date or a time with its zone, for example 2026-12-01 or 2026-12-01T10:00:00Z";
                return Err(invalid(key, reason));
            }
        },
        "people" => json!(people(api, key, given).await?),
        "reference" => json!(objects(key, given)?),
        _ => given.as_given(),
    })
}

fn number(text: &str) -> Option<Number> {
    text.trim().parse().ok()
}

/// Returns the share that a percentage means.
fn percentage(text: &str) -> Result<Number, &'static str> {
    const REASON: &str = "must be a percentage or a share, for example \"25%\" or 0.25, which is 25 %";
    let share = match text.trim().strip_suffix('%') {
        Some(percent) => number(percent).and_then(|percent| Number::from_f64(percent.as_f64()? / 100.0)),
        None => number(text).filter(|share| share.as_f64().is_some_and(|share| share.abs() <= 1.0)),
    };
    share.ok_or(REASON)
}

/// Returns the id of an option by its id or name.
fn option<'a>(field: &'a Definition, key: &str, name: &str) -> Result<&'a str> {
    let options: Vec<&EnumOption> = field.enum_options.iter().flatten().filter(|option| option.is_enabled()).collect();
    let by = |is_same: &dyn Fn(&EnumOption) -> bool| options.iter().find(|option| is_same(option)).copied();
    let found = by(&|option| option.gid == name)
        .or_else(|| by(&|option| plain(option.name()) == plain(name)))
        .or_else(|| by(&|option| plain(option.name()).to_lowercase() == plain(name).to_lowercase()));
    found.map(|option| option.gid.as_str()).ok_or_else(|| {
        let names: Vec<&str> = options.iter().map(|option| option.name()).collect();
        let question = nearest::question(name, names.iter().copied());
        invalid(key, format!("has no option {name:?}; its options: {}{question}", listed(&names)))
    })
}

async fn people(api: &Api<'_>, key: &str, given: &Given) -> Result<Vec<String>> {
    let mut gids = vec![];
    for text in given.texts() {
        let person: Person = serde_json::from_value(json!(text)).map_err(|error| invalid(key, error.to_string()))?;
        gids.push(person.resolve_gid(api, &format!("customFields.{key}")).await?);
    }
    Ok(gids)
}

fn objects(key: &str, given: &Given) -> Result<Vec<String>> {
    let id = |text: &String| {
        let text = text.trim();
        let task = reference::parse_id(text, "task");
        let id = task.or_else(|_| reference::parse_id(text, "project"));
        let id = id.or_else(|_| reference::parse_id(text, "portfolio")).or_else(|_| reference::parse_id(text, "goal"));
        id.ok().flatten().ok_or_else(|| invalid(key, "must be ids (gids) of tasks or projects, or links to them"))
    };
    given.texts().iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    async fn sent(fields: Value) -> Result<Value, String> {
        let context = json!({ "taskId": "42", "customFields": fields });
        let (output, calls) = testing::run(&ADAPTER, "update_task", context, |_| {
            let field = |gid: &str, name: &str, kind: &str, format: &str| {
                json!({ "gid": gid, "name": name, "representation_type": kind, "format": format,
                    "enum_options": [{ "gid": "1", "name": "A" }] })
            };
            let fields = json!([
                field("7", "Done", "number", "percentage"),
                field("8", "Estimate", "number", "none"),
                field("9", "Channels", "multi_enum", "none"),
                field("10", "Priority", "enum", "none")
            ]);
            (200, json!({ "data": { "gid": "42", "custom_fields": fields } }))
        })
        .await;
        output.map(|_| calls[1].body["data"]["custom_fields"].clone()).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_percentage_is_a_share() {
        for (given, share) in [(json!("25%"), 0.25), (json!("7 %"), 0.07), (json!("150%"), 1.5), (json!(0.25), 0.25)] {
            assert_eq!(sent(json!({ "Done": given })).await, Ok(json!({ "7": share })));
        }
        for given in [json!(25), json!("25"), json!("a%")] {
            let refused = sent(json!({ "Done": given })).await.unwrap_err();
            assert!(refused.contains("0.25, which is 25 %"), "{refused}");
        }
        assert!(sent(json!({ "Estimate": "25%" })).await.unwrap_err().contains("must be a number"));
        assert_eq!(sent(json!({ "Estimate": 25 })).await, Ok(json!({ "8": 25 })));
    }

    #[tokio::test]
    async fn a_field_is_set_once_and_an_empty_list_clears_it() {
        for twice in [json!({ "Estimate": 1, "8": 2 }), json!({ "Estimate": 1, "ESTIMATE": 2 })] {
            assert!(sent(twice).await.unwrap_err().contains("is there twice"));
        }
        assert_eq!(sent(json!({ "Channels": [] })).await, Ok(json!({ "9": [] })));
        assert!(sent(json!({ "Priority": [] })).await.unwrap_err().contains("must have one value"));
    }

    #[test]
    fn one_name_in_two_spellings_is_refused() {
        let twice = json!({ "taskId": "42", "name": "Ship", "customFields": { "A b": 1, "A  b": 2 } });
        let (_, reason) = testing::refusal(&ADAPTER, "update_task", twice);
        assert!(reason.contains("A b is there twice"), "{reason}");
    }
}
