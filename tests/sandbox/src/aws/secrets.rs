//! Secrets Manager (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/>): versioned secrets, idempotent writes by
//! request token, and deletion with a recovery window.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{ACCOUNT, ErrorResponse, REGION, error_response};
use crate::state::SandboxState;

const CURRENT_STAGE: &str = "AWSCURRENT";
const PREVIOUS_STAGE: &str = "AWSPREVIOUS";
const DAY_SECONDS: i64 = 86_400;

/// A secret and its versions.
pub(crate) struct Secret {
    name: String,
    arn: String,
    description: Option<String>,
    kms_key: Option<String>,
    tags: Value,
    /// Unix seconds.
    created: i64,
    changed: i64,
    /// End of the recovery window in unix seconds, if the secret is scheduled for deletion.
    deleted_at: Option<i64>,
    versions: BTreeMap<String, Version>,
}

struct Version {
    string: Option<String>,
    binary: Option<String>,
    stages: Vec<String>,
    created: i64,
}

impl Version {
    fn has_value_of(&self, other: &Self) -> bool {
        self.string == other.string && self.binary == other.binary
    }
}

impl Secret {
    fn version_at_stage(&self, stage: &str) -> Option<(&String, &Version)> {
        self.versions.iter().find(|(_, version)| version.stages.iter().any(|held| held == stage))
    }

    /// Stores the version `id` as `AWSCURRENT`; the former current version becomes `AWSPREVIOUS`.
    fn promote(&mut self, id: &str, mut version: Version) {
        let old = self.version_at_stage(CURRENT_STAGE).map(|(old, _)| old.clone());
        for other in self.versions.values_mut() {
            other.stages.retain(|stage| stage != CURRENT_STAGE && stage != PREVIOUS_STAGE);
        }
        if let Some(old) = old.and_then(|old| self.versions.get_mut(&old)) {
            old.stages.push(PREVIOUS_STAGE.to_owned());
        }
        version.stages = vec![CURRENT_STAGE.to_owned()];
        self.versions.insert(id.to_owned(), version);
    }
}

/// All secrets, by name.
pub(crate) type Secrets = BTreeMap<String, Secret>;

/// Removes secrets whose recovery window has passed.
pub(crate) fn purge_expired(state: &mut SandboxState) {
    let now = state.clock.seconds();
    state.aws.secrets.retain(|_, secret| secret.deleted_at.is_none_or(|end| now < end));
}

fn not_found() -> ErrorResponse {
    error_response("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

fn pending_deletion() -> ErrorResponse {
    error_response("InvalidRequestException", "The secret is marked for deletion.")
}

/// Resolves `SecretId`, a name or an ARN, to the secret's name.
fn secret_name(state: &SandboxState, body: &Value) -> Result<String, ErrorResponse> {
    let id = body["SecretId"]
        .as_str()
        .ok_or_else(|| error_response("InvalidParameterException", "SecretId is required."))?;
    let found = state.aws.secrets.values().find(|secret| secret.name == id || secret.arn == id);
    found.map(|secret| secret.name.clone()).ok_or_else(not_found)
}

/// Builds a version from the `SecretString` or `SecretBinary` of a write.
fn version_from(body: &Value, now: i64) -> Result<Version, ErrorResponse> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let version =
        Version { string: text("SecretString"), binary: text("SecretBinary"), stages: Vec::new(), created: now };
    if version.string.is_some() && version.binary.is_some() {
        return Err(error_response("InvalidParameterException", "Give SecretString or SecretBinary, not both."));
    }
    if version.string.as_ref().or(version.binary.as_ref()).is_some_and(|value| value.len() > 65_536) {
        return Err(error_response("InvalidParameterException", "The value is longer than 65536 bytes."));
    }
    Ok(version)
}

/// Returns the version id: the client's request token, or a new UUID.
fn version_id(state: &mut SandboxState, body: &Value) -> Result<String, ErrorResponse> {
    match body["ClientRequestToken"].as_str() {
        None => Ok(state.entropy.uuid()),
        Some(token) if (32..=64).contains(&token.len()) => Ok(token.to_owned()),
        Some(_) => {
            Err(error_response("InvalidParameterException", "ClientRequestToken must have 32 to 64 characters."))
        }
    }
}

/// `CreateSecret`. Idempotent for the same token and value.
pub(crate) fn create(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let name = body["Name"].as_str().filter(|name| !name.is_empty() && name.len() <= 512);
    let name = name.ok_or_else(|| error_response("InvalidParameterException", "Name is required."))?.to_owned();
    let now = state.clock.seconds();
    let version = version_from(body, now)?;
    let id = version_id(state, body)?;
    if let Some(known) = state.aws.secrets.get(&name) {
        if known.deleted_at.is_some() {
            return Err(error_response(
                "InvalidRequestException",
                "A secret with this name is scheduled for deletion.",
            ));
        }
        return match known.versions.get(&id) {
            Some(same) if same.has_value_of(&version) => Ok(json!({"ARN": known.arn, "Name": name, "VersionId": id})),
            _ => Err(error_response("ResourceExistsException", "A secret with this name exists already.")),
        };
    }
    let suffix: String = state.entropy.hex(3);
    let arn = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{suffix}");
    let mut secret = Secret {
        name: name.clone(),
        arn: arn.clone(),
        description: body["Description"].as_str().map(str::to_owned),
        kms_key: body["KmsKeyId"].as_str().map(str::to_owned),
        tags: body["Tags"].clone(),
        created: now,
        changed: now,
        deleted_at: None,
        versions: BTreeMap::new(),
    };
    let mut reply = json!({"ARN": arn, "Name": name});
    // A secret can be created without a version.
    if version.string.is_some() || version.binary.is_some() {
        secret.promote(&id, version);
        reply["VersionId"] = json!(id);
    }
    state.aws.secrets.insert(name, secret);
    Ok(reply)
}

/// `PutSecretValue`. A token can never be reused for another value.
pub(crate) fn put(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let name = secret_name(state, body)?;
    let now = state.clock.seconds();
    let version = version_from(body, now)?;
    if version.string.is_none() && version.binary.is_none() {
        return Err(error_response("InvalidRequestException", "Give SecretString or SecretBinary."));
    }
    let id = version_id(state, body)?;
    let secret = state.aws.secrets.get_mut(&name).ok_or_else(not_found)?;
    if secret.deleted_at.is_some() {
        return Err(pending_deletion());
    }
    match secret.versions.get(&id) {
        Some(same) if same.has_value_of(&version) => {}
        Some(_) => return Err(error_response("ResourceExistsException", "This token was used for another value.")),
        None => {
            secret.promote(&id, version);
            secret.changed = now;
        }
    }
    let stages = secret.versions.get(&id).map(|version| version.stages.clone());
    Ok(json!({"ARN": secret.arn, "Name": name, "VersionId": id, "VersionStages": stages}))
}

/// `GetSecretValue` by version id or stage; the current version by default.
pub(crate) fn get(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let name = secret_name(state, body)?;
    let secret = state.aws.secrets.get(&name).ok_or_else(not_found)?;
    if secret.deleted_at.is_some() {
        return Err(pending_deletion());
    }
    let stage = body["VersionStage"].as_str();
    let found = match body["VersionId"].as_str() {
        Some(id) if !(32..=64).contains(&id.len()) => {
            return Err(error_response("InvalidParameterException", "VersionId must have 32 to 64 characters."));
        }
        Some(id) => secret.versions.get_key_value(id),
        None => secret.version_at_stage(stage.unwrap_or(CURRENT_STAGE)),
    };
    let fits = |version: &Version| stage.is_none_or(|stage| version.stages.iter().any(|held| held == stage));
    let (id, version) = found.filter(|(_, version)| fits(version)).ok_or_else(|| {
        error_response("ResourceNotFoundException", "Secrets Manager can't find the specified secret value.")
    })?;
    let mut reply = json!({
        "ARN": secret.arn, "Name": name, "VersionId": id, "VersionStages": version.stages, "CreatedDate": version.created,
    });
    for (field, value) in [("SecretString", &version.string), ("SecretBinary", &version.binary)] {
        if let Some(value) = value {
            reply[field] = json!(value);
        }
    }
    Ok(reply)
}

/// `DeleteSecret`: with a recovery window of 7 to 30 days, or immediately if forced.
pub(crate) fn delete(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let force = body["ForceDeleteWithoutRecovery"] == json!(true);
    let days = body["RecoveryWindowInDays"].as_i64();
    if force && days.is_some() {
        return Err(error_response("InvalidParameterException", "A forced deletion has no recovery window."));
    }
    if days.is_some_and(|days| !(7..=30).contains(&days)) {
        return Err(error_response("InvalidParameterException", "RecoveryWindowInDays must be 7 to 30."));
    }
    let now = state.clock.seconds();
    let name = match secret_name(state, body) {
        // Forced deletion of a missing secret succeeds.
        Err(_) if force && body["SecretId"].is_string() => {
            let id = &body["SecretId"];
            return Ok(json!({"ARN": id, "Name": id, "DeletionDate": now}));
        }
        other => other?,
    };
    let secret = state.aws.secrets.get_mut(&name).ok_or_else(not_found)?;
    if secret.deleted_at.is_some() && !force {
        return Err(error_response("InvalidRequestException", "The secret is already scheduled for deletion."));
    }
    let end = if force { now } else { now + days.unwrap_or(30) * DAY_SECONDS };
    secret.deleted_at = Some(end);
    let arn = secret.arn.clone();
    if force {
        state.aws.secrets.remove(&name);
    }
    Ok(json!({"ARN": arn, "Name": name, "DeletionDate": end}))
}

/// `RestoreSecret`: cancels a scheduled deletion.
pub(crate) fn restore(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let name = secret_name(state, body)?;
    let secret = state.aws.secrets.get_mut(&name).ok_or_else(not_found)?;
    secret.deleted_at = None;
    Ok(json!({"ARN": secret.arn, "Name": name}))
}

/// `DescribeSecret`: metadata without values; also for a secret scheduled for deletion.
pub(crate) fn describe(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let name = secret_name(state, body)?;
    let secret = state.aws.secrets.get(&name).ok_or_else(not_found)?;
    let staged = secret.versions.iter().filter(|(_, version)| !version.stages.is_empty());
    let stages: Map<String, Value> = staged.map(|(id, version)| (id.clone(), json!(version.stages))).collect();
    let mut reply = json!({
        "ARN": secret.arn, "Name": name, "CreatedDate": secret.created, "LastChangedDate": secret.changed,
        "VersionIdsToStages": stages,
    });
    if let Some(description) = &secret.description {
        reply["Description"] = json!(description);
    }
    // Absent for the account's own key `aws/secretsmanager`.
    if let Some(key) = &secret.kms_key {
        reply["KmsKeyId"] = json!(key);
    }
    if secret.tags.is_array() {
        reply["Tags"] = secret.tags.clone();
    }
    if let Some(end) = secret.deleted_at {
        reply["DeletedDate"] = json!(end);
    }
    Ok(reply)
}
