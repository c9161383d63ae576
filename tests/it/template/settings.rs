//! Deployment parameters, and resources retained after the stack is deleted.

use std::collections::BTreeSet;

use serde_json::json;

use super::stack::Stack;
use crate::support::text;

/// The parameters of a stage in `samconfig.toml`.
fn stage_parameters(stage: &str) -> BTreeSet<(String, String)> {
    let settings = text("samconfig.toml");
    let (_, section) = settings.split_once(&format!("[{stage}.deploy.parameters]")).expect("a section for each stage");
    let (_, list) = section.split_once("parameter_overrides = [").expect("parameter_overrides");
    let (list, _) = list.split_once("\n]").expect("the end of parameter_overrides");
    let pairs = list.split('"').skip(1).step_by(2).map(|pair| pair.split_once('=').expect("Name=value"));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn samconfig_sets_every_required_parameter() {
    let stack = Stack::read();
    for stage in ["dev", "prod"] {
        let parameters = stage_parameters(stage);
        assert!(parameters.contains(&("Stage".to_owned(), stage.to_owned())), "{stage} deploys another stage");
        let names: BTreeSet<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        for (name, parameter) in stack.parameters() {
            assert!(!parameter["Default"].is_null() || names.contains(name.as_str()), "{stage} does not set {name}");
        }
        for name in names {
            assert!(!stack.parameter(name).is_null(), "{stage} sets {name}, which is no parameter of the template");
        }
    }
}

#[test]
fn production_retains_its_secrets() {
    let stack = Stack::read();
    let secrets: Vec<_> = stack.resources().filter(|(_, it)| it["Type"] == "AWS::SecretsManager::Secret").collect();
    assert_eq!(secrets.len(), 3, "two keyrings and the clients");
    for (id, secret) in secrets {
        assert_eq!(secret["DeletionPolicy"], json!({"Fn::If": ["IsProd", "Retain", "Delete"]}), "{id}: DeletionPolicy");
        assert_eq!(secret["UpdateReplacePolicy"], "Retain", "{id}: UpdateReplacePolicy");
    }
}
