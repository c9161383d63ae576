//! Requests that take a field in the query or in the JSON body: all DELETE requests. A body of a DELETE has no defined semantics
//! (RFC 9110 section 9.3.5), so that some clients and proxies send none; others send every field as JSON.

use serde_json::Value;

use super::{Input, Object, Request, for_users_alone};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::lambda::input::{TWO_IN_QUERY, is_absent};
use crate::permissions::Caller;

impl Request {
    /// Returns the user and the fields of the query and the body together, on a route for users alone. A field that is in both must have one value. A value of
    /// the query is a text, or for the fields of [`Input::LISTS`] a list: a repeated parameter or texts separated by commas; one of
    /// [`Input::FLAGS`] is true or false.
    ///
    /// # Errors
    /// Those of [`Request::body`]; [`Error::Invalid`] naming a field with two values.
    pub async fn query_or_body<T: Input>(&self) -> Result<(UserId, T)> {
        const { for_users_alone::<T>() };
        let (caller, input) = self.query_or_body_with_caller().await?;
        Ok((caller.user, input))
    }

    /// Returns the caller and the fields, as [`Request::query_or_body`] does.
    ///
    /// # Errors
    /// Those of [`Request::query_or_body`].
    pub async fn query_or_body_with_caller<T: Input>(&self) -> Result<(Caller, T)> {
        let read = |request: &Self| {
            let body = if request.event.body().is_empty() { Object::new() } else { request.json_object()? };
            Ok((merge(request.parameters()?, body, T::LISTS, T::FLAGS)?, vec![]))
        };
        self.input(read).await
    }
}

/// Merges the parameters of a query with the fields of a body. An absent, empty or `null` field gives way to the other one.
fn merge(query: Vec<(String, String)>, body: Object, lists: &[&str], flags: &[&str]) -> Result<Object> {
    let mut fields = Object::new();
    for (name, text) in query {
        if lists.contains(&name.as_str()) {
            let items = text.split(',').filter(|item| !item.is_empty()).map(Value::from);
            if let Value::Array(list) = fields.entry(name).or_insert_with(|| Value::Array(vec![])) {
                list.extend(items);
            }
        } else {
            let flag = text.parse().ok().filter(|_| flags.contains(&name.as_str()));
            put(&mut fields, name, flag.map_or_else(|| text.into(), Value::Bool), TWO_IN_QUERY)?;
        }
    }
    for (name, value) in body {
        put(&mut fields, name, value, "must have one value; the query and the body have different ones")?;
    }
    Ok(fields)
}

/// Adds a field that is new, or equal to the one that is there.
fn put(fields: &mut Object, name: String, value: Value, conflict: &str) -> Result<()> {
    match fields.get(&name).filter(|former| !is_absent(former, false)) {
        Some(former) if !is_absent(&value, false) && *former != value => Err(Error::invalid(name, conflict)),
        Some(_) => Ok(()),
        None => {
            fields.insert(name, value);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(query: &[(&str, &str)], body: Value) -> Result<Value> {
        let Value::Object(body) = body else { panic!("{body} is no object") };
        let query = query.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        merge(query, body, &["ids"], &["force"]).map(Value::Object)
    }

    #[test]
    fn a_field_is_in_the_query_or_in_the_body() {
        let both = merged(&[("tool", "gmail")], json!({ "agentId": "a" })).unwrap();
        assert_eq!(both, json!({ "agentId": "a", "tool": "gmail" }));
        for absent in [json!(null), json!(""), json!(" ")] {
            assert_eq!(merged(&[("tool", "gmail")], json!({ "tool": absent })).unwrap(), json!({ "tool": "gmail" }));
        }
        assert_eq!(merged(&[("tool", "")], json!({ "tool": "gmail" })).unwrap(), json!({ "tool": "gmail" }));
    }

    #[test]
    fn a_flag_is_true_or_false() {
        assert_eq!(merged(&[("force", "true")], json!({ "force": true })).unwrap(), json!({ "force": true }));
        assert_eq!(merged(&[("force", "yes")], json!({})).unwrap(), json!({ "force": "yes" }));
        assert_eq!(merged(&[("tool", "true")], json!({})).unwrap(), json!({ "tool": "true" }));
    }

    #[test]
    fn a_field_has_one_value() {
        let same = merged(&[("tool", "gmail"), ("tool", "gmail")], json!({ "tool": "gmail" })).unwrap();
        assert_eq!(same, json!({ "tool": "gmail" }));
        let differs = |query: &[(&str, &str)], body| merged(query, body).unwrap_err().to_string();
        let two = "tool: must have one value; the query has two";
        assert_eq!(differs(&[("tool", "gmail"), ("tool", "slack")], json!({})), two);
        let different = "tool: must have one value; the query and the body have different ones";
        assert_eq!(differs(&[("tool", "gmail")], json!({ "tool": "slack" })), different);
        // A value of the query is a text.
        assert!(merged(&[("tool", "7")], json!({ "tool": 7 })).is_err());
    }

    #[test]
    fn a_list_is_a_repeated_parameter_or_separated_by_commas() {
        for query in [&[("ids", "a,b")][..], &[("ids", "a"), ("ids", "b")]] {
            assert_eq!(merged(query, json!({})).unwrap(), json!({ "ids": ["a", "b"] }));
            assert_eq!(merged(query, json!({ "ids": ["a", "b"] })).unwrap(), json!({ "ids": ["a", "b"] }));
            assert!(merged(query, json!({ "ids": ["b", "a"] })).is_err());
        }
        assert_eq!(merged(&[("tool", "a,b")], json!({})).unwrap(), json!({ "tool": "a,b" }));
    }
}
