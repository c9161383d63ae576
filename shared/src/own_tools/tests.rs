//! The arguments of own tools, and what the names of tools are compared with.

use serde_json::json;

use super::*;
use crate::error::Error;
use crate::ids::UserId;
use crate::permissions::Caller;

#[test]
fn no_tool_of_a_provider_has_the_prefix_of_the_own_tools() {
    for adapter in crate::adapters::ALL {
        assert!(!format!("{}_", adapter.tool).starts_with(PREFIX));
        for action in adapter.actions {
            let name = action_tool_name(adapter.tool.as_str(), action.name);
            let caller = Caller::user(UserId::verified("u".to_owned()));
            let (found, same) = find_action(&caller, &name).unwrap();
            assert_eq!((found.tool, same.name), (adapter.tool, action.name));
            assert!(find(&name).is_none());
        }
    }
}

#[test]
fn arguments_are_an_object_or_the_text_of_one() {
    let object = json!({ "to": "a" }).as_object().unwrap().clone();
    for given in [json!({ "to": "a" }), json!("{\"to\": \"a\"}"), json!(" { \"to\":\"a\" } ")] {
        assert_eq!(as_arguments(Some(given)).unwrap(), object);
    }
    for none in [None, Some(json!(null)), Some(json!("")), Some(json!("null"))] {
        assert!(as_arguments(none).unwrap().is_empty());
    }
    let text = |given| as_arguments(Some(given)).unwrap_err().to_string();
    let rule = "arguments: must be a JSON object, for example {\"to\": \"ann@example.com\"}";
    assert_eq!(text(json!([1])), rule);
    assert_eq!(text(json!("{\"to\": ")), format!("{rule}; the text is no JSON at line 1, column 7"));
}

#[test]
fn an_error_about_a_context_is_one_about_arguments() {
    let error = Error::invalid("context.to[1]", "must be an address; x belongs to the request itself, beside context");
    let renamed = in_terms_of_arguments(error, "arguments.").to_string();
    assert_eq!(renamed, "arguments.to[1]: must be an address; x belongs to the request itself, beside arguments");
    assert_eq!(in_terms_of_arguments(Error::invalid("context", "no"), "").to_string(), "arguments: no");
    assert_eq!(in_terms_of_arguments(Error::invalid("saveAs", "no"), "arguments.").to_string(), "saveAs: no");
    let missing = in_terms_of_arguments(Error::Missing(vec!["context.to".to_owned()]), "");
    assert_eq!((missing.code(), missing.to_string().as_str()), ("MISSING_FIELDS", "Missing required field: to"));
}
