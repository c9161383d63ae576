//! The permissions to invoke the functions that serve routes.

use std::collections::BTreeMap;

use super::PROCESSOR;
use super::stack::{Stack, referenced_id};

/// The start of the ARN of each request of the API.
const REQUESTS: &str = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/";

/// Routes that may not invoke their function, and permissions that admit anything besides the routes of their function.
fn faults(stack: &Stack) -> Vec<String> {
    let (functions, routes) = (stack.functions(), stack.routes());
    let (mut faults, mut allowed) = (Vec::new(), BTreeMap::<&str, Vec<&str>>::new());
    for (id, permission) in stack.of_type("AWS::Lambda::Permission") {
        let function = referenced_id(&permission["FunctionName"]).and_then(|it| functions.get(it));
        let function = function.unwrap_or_else(|| panic!("{id} names no function: {permission}"));
        if *function == PROCESSOR {
            continue;
        }
        let source = permission["SourceArn"]["Fn::Sub"].as_str().unwrap_or_default();
        let pattern = source.strip_prefix(REQUESTS).filter(|_| permission["Principal"] == "apigateway.amazonaws.com");
        // A pattern is a method, or `*`, and the whole path of one of the function's own routes.
        let path = pattern.and_then(|pattern| pattern.find('/').map(|at| &pattern[at..]));
        if routes.iter().any(|(_, own, of)| Some(own.as_str()) == path && of == function) {
            allowed.entry(function).or_default().extend(pattern);
        } else {
            faults.push(format!("{function} may be invoked by {source}"));
        }
    }
    for (method, path, function) in &routes {
        let admits = |pattern: &&str| **pattern == format!("{method}{path}") || **pattern == format!("*{path}");
        if !allowed.get(function.as_str()).is_some_and(|patterns| patterns.iter().any(admits)) {
            faults.push(format!("{method} {path} may not invoke {function}"));
        }
    }
    faults
}

#[test]
fn each_routed_function_may_be_invoked_only_by_its_own_routes() {
    assert_eq!(faults(&Stack::read()), Vec::<String>::new());
}

#[test]
fn a_permission_for_other_requests_is_reported() {
    let own = "${Api}/*/*/api/plugin-engine/agents";
    let wider =
        ["${Api}/*/*", "${Api}/*/*/api/plugin-engine/*", "${Api}/*/*/api/plugin-engine/delegations", "${Api}/*"];
    for source in wider {
        let reported = faults(&Stack::planted(&format!("{own}\n"), &format!("{source}\n")));
        assert!(reported[0].starts_with("agents may be invoked by arn:"), "{source}: {reported:?}");
        assert_eq!(reported.len(), 3, "{source}, and two routes of the function that lack theirs: {reported:?}");
    }
    let one_method = Stack::planted(&format!("{own}\n"), "${Api}/*/GET/api/plugin-engine/agents\n");
    assert_eq!(faults(&one_method), ["DELETE /api/plugin-engine/agents may not invoke agents"]);
}
