//! Tests of Secrets Manager and EventBridge.

use sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use crate::support::TestRequest;

const TOKEN_1: &str = "00000000-0000-4000-8000-000000000001";
const TOKEN_2: &str = "00000000-0000-4000-8000-000000000002";

async fn call(sandbox: &Sandbox, target: &'static str, body: Value) -> (u16, Value) {
    let reply = TestRequest::post("/aws/", &body).header("x-amz-target", target).send(sandbox).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn secret_writes_are_versioned_and_idempotent() {
    let sandbox = Sandbox::new();
    let create = json!({"Name": "t/1", "SecretString": "one", "ClientRequestToken": TOKEN_1});
    let (status, created) = call(&sandbox, "secretsmanager.CreateSecret", create.clone()).await;
    assert_eq!((status, &created["VersionId"]), (200, &json!(TOKEN_1)));
    assert_eq!(call(&sandbox, "secretsmanager.CreateSecret", create).await.1, created, "a repeated call is idempotent");
    let other = json!({"Name": "t/1", "SecretString": "two", "ClientRequestToken": TOKEN_1});
    assert_eq!(call(&sandbox, "secretsmanager.CreateSecret", other).await.1["__type"], "ResourceExistsException");

    let put = |value: &str| json!({"SecretId": created["ARN"], "SecretString": value, "ClientRequestToken": TOKEN_2});
    for _ in 0..2 {
        assert_eq!(call(&sandbox, "secretsmanager.PutSecretValue", put("two")).await.1["VersionId"], TOKEN_2);
    }
    let clash = call(&sandbox, "secretsmanager.PutSecretValue", put("three")).await;
    assert_eq!((clash.0, &clash.1["__type"]), (400, &json!("ResourceExistsException")));

    let get = |body: Value| call(&sandbox, "secretsmanager.GetSecretValue", body);
    assert_eq!(get(json!({"SecretId": "t/1"})).await.1["SecretString"], "two");
    assert_eq!(get(json!({"SecretId": "t/1", "VersionId": TOKEN_1})).await.1["SecretString"], "one");
    let unknown = TOKEN_1.replace('1', "9");
    assert_eq!(get(json!({"SecretId": "t/1", "VersionId": unknown})).await.1["__type"], "ResourceNotFoundException");
    assert_eq!(get(json!({"SecretId": "t/1", "VersionId": ""})).await.1["__type"], "InvalidParameterException");
    assert_eq!(get(json!({"SecretId": "t/2"})).await.1["__type"], "ResourceNotFoundException");
    let described = call(&sandbox, "secretsmanager.DescribeSecret", json!({"SecretId": "t/1"})).await.1;
    assert_eq!(described["VersionIdsToStages"], json!({TOKEN_1: ["AWSPREVIOUS"], TOKEN_2: ["AWSCURRENT"]}));
    assert!(sandbox.effects().is_empty(), "writes of secrets are not effects");
}

#[tokio::test]
async fn deleted_secret_name_is_blocked_for_the_recovery_window() {
    let sandbox = Sandbox::new();
    let create = || call(&sandbox, "secretsmanager.CreateSecret", json!({"Name": "t/1", "SecretString": "one"}));
    create().await;
    let delete = json!({"SecretId": "t/1", "RecoveryWindowInDays": 7});
    assert_eq!(call(&sandbox, "secretsmanager.DeleteSecret", delete).await.0, 200);
    let read = call(&sandbox, "secretsmanager.GetSecretValue", json!({"SecretId": "t/1"})).await.1;
    assert_eq!(read["__type"], "InvalidRequestException");
    assert_eq!(create().await.1["__type"], "InvalidRequestException");
    sandbox.advance_clock(7 * 86_400);
    assert_eq!(create().await.0, 200, "the recovery window has passed");
    let force = json!({"SecretId": "t/1", "ForceDeleteWithoutRecovery": true});
    assert_eq!(call(&sandbox, "secretsmanager.DeleteSecret", force.clone()).await.0, 200);
    assert_eq!(call(&sandbox, "secretsmanager.DeleteSecret", force).await.0, 200);
    assert_eq!(create().await.0, 200);
}

#[tokio::test]
async fn events_are_recorded_and_faults_apply() {
    let sandbox = Sandbox::new();
    let entry = json!({"Source": "engine", "DetailType": "task.succeeded", "Detail": "{\"taskId\":\"t1\"}", "EventBusName": "bus"});
    let broken = json!({"Source": "engine", "DetailType": "task.succeeded", "Detail": "no json"});
    let (_, reply) = call(&sandbox, "AWSEvents.PutEvents", json!({"Entries": [entry, broken]})).await;
    assert_eq!((&reply["FailedEntryCount"], reply["Entries"][0]["EventId"].is_string()), (&json!(1), true));
    let effects = sandbox.effects();
    assert_eq!(
        (effects.len(), effects[0].provider.as_str(), effects[0].kind.as_str()),
        (1, "events", "task.succeeded")
    );
    assert_eq!((&effects[0].request["Detail"]["taskId"], effects[0].account.as_str()), (&json!("t1"), "bus"));

    sandbox.fault(Fault::status("aws", 400, json!({"__type": "ThrottlingException", "Message": "Slow down"})));
    let (status, throttled) = call(&sandbox, "AWSEvents.PutEvents", json!({"Entries": [entry]})).await;
    assert_eq!((status, &throttled["__type"]), (400, &json!("ThrottlingException")));
    assert_eq!(sandbox.effects().len(), 1);
    assert_eq!(call(&sandbox, "AWSEvents.Nothing", json!({})).await.1["__type"], "UnknownOperationException");
}
