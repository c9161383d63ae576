//! The bucket of files: encrypted, private, reached over TLS only, and emptied by its lifecycle below `in/` alone.

use serde_json::{Value, json};

use super::stack::Stack;

/// The differences between the bucket and what it must be.
fn faults(stack: &Stack) -> Vec<String> {
    let bucket = stack.resources().find(|(id, _)| *id == "FilesBucket").expect("a bucket").1;
    let sse = json!([{
        "BucketKeyEnabled": {"Fn::If": ["HasKmsKey", true, {"Ref": "AWS::NoValue"}]},
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": {"Fn::If": ["HasKmsKey", "aws:kms", "AES256"]},
            "KMSMasterKeyID": {"Fn::If": ["HasKmsKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]},
        },
    }]);
    let lifecycle = json!([{
        "Id": "uploads", "Status": "Enabled", "Prefix": "in/", "ExpirationInDays": 1,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }]);
    let private = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    let private: Value =
        private.map(|name| (name.to_owned(), json!(true))).into_iter().collect::<serde_json::Map<_, _>>().into();
    let cors = json!([{
        "AllowedOrigins": {"Ref": "FrontendOrigin"}, "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["content-type", "x-amz-checksum-sha256"], "ExposedHeaders": ["ETag"], "MaxAge": 600,
    }]);
    let expected = [
        ("DeletionPolicy", json!({"Fn::If": ["IsProd", "Retain", "Delete"]})),
        ("UpdateReplacePolicy", json!("Retain")),
        ("Properties/BucketEncryption/ServerSideEncryptionConfiguration", sse),
        ("Properties/OwnershipControls/Rules", json!([{"ObjectOwnership": "BucketOwnerEnforced"}])),
        ("Properties/PublicAccessBlockConfiguration", private),
        ("Properties/LifecycleConfiguration/Rules", lifecycle),
        ("Properties/CorsConfiguration/CorsRules", cors),
    ];
    let differs = |(pointer, value): &&(&str, Value)| bucket.pointer(&format!("/{pointer}")) != Some(value);
    let mut faults: Vec<String> = expected.iter().filter(differs).map(|(pointer, _)| (*pointer).to_owned()).collect();
    let policy = stack.resource("AWS::S3::BucketPolicy", "FilesBucketPolicy");
    let statements = json!([{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [{"Fn::GetAtt": ["FilesBucket", "Arn"]}, {"Fn::Sub": "${FilesBucket.Arn}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]);
    if policy["Bucket"] != json!({"Ref": "FilesBucket"}) || policy["PolicyDocument"]["Statement"] != statements {
        faults.push("FilesBucketPolicy".to_owned());
    }
    faults
}

#[test]
fn the_bucket_of_files_is_private_and_expires_uploads_alone() {
    let stack = Stack::read();
    assert_eq!(faults(&stack), Vec::<String>::new());
    assert_eq!(stack.environment(&Value::Null)["PLUGIN_ENGINE_FILES_BUCKET"], &json!({"Ref": "FilesBucket"}));
    for (is, planted, fault) in [
        ("Prefix: in/, ", "", "Properties/LifecycleConfiguration/Rules"),
        ("BlockPublicPolicy: true, ", "", "Properties/PublicAccessBlockConfiguration"),
        ("            Condition: {Bool: {aws:SecureTransport: 'false'}}\n", "", "FilesBucketPolicy"),
    ] {
        assert_eq!(faults(&Stack::planted(is, planted)), [fault]);
    }
}
