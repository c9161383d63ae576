//! The customer's key: everything that is stored is encrypted with it if there is one, and the roles may use it through the services
//! that store.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::stack::Stack;

/// The property of each type of resource that names its key.
const KEYS: [(&str, &str); 5] = [
    ("AWS::DynamoDB::Table", "/SSESpecification/KMSMasterKeyId"),
    ("AWS::SecretsManager::Secret", "/KmsKeyId"),
    ("AWS::Logs::LogGroup", "/KmsKeyId"),
    (
        "AWS::S3::Bucket",
        "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/KMSMasterKeyID",
    ),
    ("AWS::SQS::Queue", "/KmsMasterKeyId"),
];

/// The resources that store something without the customer's key.
fn without_the_key(stack: &Stack) -> Vec<String> {
    let key = json!({"Fn::If": ["HasKmsKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]});
    let mut faults = Vec::new();
    for (kind, property) in KEYS {
        let resources: Vec<(&str, &Value)> = stack.of_type(kind).collect();
        assert!(!resources.is_empty(), "the template has no {kind}");
        let without = resources.into_iter().filter(|(_, resource)| resource.pointer(property) != Some(&key));
        faults.extend(without.map(|(id, _)| id.to_owned()));
    }
    faults
}

#[test]
fn everything_stored_has_the_customers_key() {
    let stack = Stack::read();
    assert_eq!(without_the_key(&stack), Vec::<String>::new());
    assert_eq!(stack.parameter("KmsKeyArn")["Default"], "", "without a key AWS's own are used");
    assert_eq!(stack.conditions()["HasKmsKey"], json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "KmsKeyArn"}, ""]}]}));
    // Secrets that the engine creates have it by this variable.
    assert_eq!(stack.environment(&Value::Null)["PLUGIN_ENGINE_KMS_KEY"], &json!({"Ref": "KmsKeyArn"}));
    // Without it the queue has the key of its service.
    let queue = stack.resource("AWS::SQS::Queue", "ProcessorFailures");
    assert_eq!(queue["SqsManagedSseEnabled"], json!({"Fn::If": ["HasKmsKey", {"Ref": "AWS::NoValue"}, true]}));

    let line = "      KmsKeyId: !If [HasKmsKey, !Ref KmsKeyArn, !Ref AWS::NoValue]\n      SecretString: '{}'\n";
    let planted = Stack::planted(line, "      SecretString: '{}'\n");
    assert_eq!(without_the_key(&planted), ["ClientsSecret"]);
}

#[test]
fn every_role_may_use_the_key_only_through_the_services_that_store() {
    let stack = Stack::read();
    let policies: Vec<_> = stack.resources().filter(|(_, it)| it["Type"] == "AWS::IAM::Policy").collect();
    let [("CustomerKeyPolicy", policy)] = policies[..] else { panic!("one policy beside the roles: {policies:?}") };
    assert_eq!(policy["Condition"], "HasKmsKey");
    let attached = policy["Properties"]["Roles"].as_array().into_iter().flatten();
    let attached: BTreeSet<&str> = attached.filter_map(|role| role["Ref"].as_str()).collect();
    let mut roles: BTreeSet<&str> = stack.of_type("AWS::IAM::Role").map(|(id, _)| id).collect();
    roles.remove("AuditRole");
    assert_eq!(attached, roles);
    let services = ["dynamodb", "s3", "secretsmanager", "sqs"]
        .map(|service| json!({"Fn::Sub": format!("{service}.${{AWS::Region}}.${{AWS::URLSuffix}}")}));
    let expected = json!([{
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
        "Resource": {"Ref": "KmsKeyArn"},
        "Condition": {"StringEquals": {"kms:ViaService": services}},
    }]);
    assert_eq!(policy["Properties"]["PolicyDocument"]["Statement"], expected);
}
