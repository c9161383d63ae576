//! The objects of the bucket in a folder: for each a file with its bytes and one with its facts, both named after the hash of its key.
//!
//! `s3s-fs` is not used: it stores an object before it compares the checksum, and its names of files have a key twice over, so that a
//! key of 150 characters is too long.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::TryStreamExt as _;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput, DeleteObjectOutput, ETag,
    ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, StreamingBlob, Timestamp,
};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::NAME;

/// The maximum number of keys in a list.
const MAX_LISTED: usize = 1000;

/// A folder of objects.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// The number of drafts, for their names.
    drafts: AtomicU64,
}

/// The facts of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Facts {
    key: String,
    size: u64,
    content_type: Option<String>,
    /// The start of the SHA-256 of the bytes.
    etag: String,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, drafts: AtomicU64::new(0) }
    }

    /// Returns the path of a file of an object.
    fn file(&self, key: &str, kind: &str) -> PathBuf {
        self.path.join(URL_SAFE_NO_PAD.encode(sha256(key.as_bytes()))).with_extension(kind)
    }

    /// Writes a file atomically.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let draft = self.path.join(format!("{}.draft", self.drafts.fetch_add(1, Ordering::Relaxed)));
        fs::write(&draft, bytes)?;
        fs::rename(draft, path)
    }

    /// Stores an object; the facts, which make it visible, come last.
    fn store(&self, facts: &Facts, bytes: &[u8]) -> S3Result<()> {
        let text = serde_json::to_vec(facts).map_err(|error| s3_error!(error, InternalError))?;
        let stored = self.write(&self.file(&facts.key, "bytes"), bytes);
        stored.and_then(|()| self.write(&self.file(&facts.key, "json"), &text)).map_err(internal)
    }

    /// Returns the facts of an object and the time at which it was stored.
    fn facts(&self, bucket: &str, key: &str) -> S3Result<(Facts, Timestamp)> {
        if bucket != NAME {
            return Err(s3_error!(NoSuchBucket));
        }
        let path = self.file(key, "json");
        let (text, metadata) = match (fs::read(&path), fs::metadata(&path)) {
            (Ok(text), Ok(metadata)) => (text, metadata),
            _ => return Err(s3_error!(NoSuchKey)),
        };
        let facts = serde_json::from_slice(&text).map_err(|error| s3_error!(error, InternalError))?;
        let stored_at: SystemTime = metadata.modified().map_err(internal)?;
        Ok((facts, stored_at.into()))
    }

    fn bytes(&self, key: &str) -> S3Result<Vec<u8>> {
        fs::read(self.file(key, "bytes")).map_err(internal)
    }

    /// Returns the facts of all objects with such a key, in the order of the keys.
    fn list(&self, prefix: &str, after: &str) -> S3Result<Vec<(Facts, Timestamp)>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(internal)?.flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|kind| kind != "json") {
                continue;
            }
            // An object can be deleted meanwhile.
            let (Ok(text), Ok(metadata)) = (fs::read(&path), entry.metadata()) else { continue };
            let Ok(facts) = serde_json::from_slice::<Facts>(&text) else { continue };
            if facts.key.starts_with(prefix) && facts.key.as_str() > after {
                let stored_at: SystemTime = metadata.modified().map_err(internal)?;
                listed.push((facts, stored_at.into()));
            }
        }
        listed.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key));
        Ok(listed)
    }
}

#[async_trait]
impl S3 for Folder {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        if input.bucket != NAME {
            return Err(s3_error!(NoSuchBucket));
        }
        let length = input.content_length.ok_or_else(|| s3_error!(MissingContentLength))?;
        let body = input.body.ok_or_else(|| s3_error!(IncompleteBody))?;
        let bytes = body.try_fold(Vec::new(), |mut bytes, chunk| async move {
            bytes.extend_from_slice(&chunk);
            Ok(bytes)
        });
        let bytes = bytes.await.map_err(|_| s3_error!(IncompleteBody))?;
        if usize::try_from(length) != Ok(bytes.len()) {
            return Err(s3_error!(IncompleteBody));
        }
        let hash = sha256(&bytes);
        if input.checksum_sha256.is_some_and(|stated| stated != STANDARD.encode(&hash)) {
            return Err(s3_error!(BadDigest, "The SHA256 you specified did not match the calculated checksum."));
        }
        if input.if_none_match.is_some_and(|condition| condition.is_any()) && self.facts(NAME, &input.key).is_ok() {
            return Err(s3_error!(PreconditionFailed));
        }
        let etag = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let facts = Facts { key: input.key, size: bytes.len() as u64, content_type: input.content_type, etag };
        self.store(&facts, &bytes)?;
        let stored = PutObjectOutput { e_tag: Some(ETag::Strong(facts.etag)), ..PutObjectOutput::default() };
        Ok(S3Response::new(stored))
    }

    async fn copy_object(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        let CopySource::Bucket { bucket, key, .. } = &input.copy_source else { return Err(s3_error!(NotImplemented)) };
        let (facts, _) = self.facts(bucket, key)?;
        let expected = input.copy_source_if_match.as_ref().and_then(ETagCondition::as_etag);
        if expected.is_some_and(|etag| etag.value() != facts.etag) {
            return Err(s3_error!(PreconditionFailed));
        }
        let bytes = self.bytes(key)?;
        self.store(&Facts { key: input.key.clone(), ..facts }, &bytes)?;
        let (facts, stored_at) = self.facts(&input.bucket, &input.key)?;
        let result = CopyObjectResult {
            e_tag: Some(ETag::Strong(facts.etag)),
            last_modified: Some(stored_at),
            ..CopyObjectResult::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let (facts, stored_at) = self.facts(&input.bucket, &input.key)?;
        let mut bytes = self.bytes(&input.key)?;
        let mut content_range = None;
        if let Some(range) = input.range {
            let part = range.check(facts.size)?;
            content_range = Some(format!("bytes {}-{}/{}", part.start, part.end - 1, facts.size));
            let at = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            bytes = bytes[at(part.start)..at(part.end)].to_vec();
        }
        Ok(S3Response::new(GetObjectOutput {
            content_length: i64::try_from(bytes.len()).ok(),
            content_range,
            content_type: facts.content_type,
            e_tag: Some(ETag::Strong(facts.etag)),
            last_modified: Some(stored_at),
            body: Some(StreamingBlob::from(Body::from(bytes))),
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let (facts, stored_at) = self.facts(&request.input.bucket, &request.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: i64::try_from(facts.size).ok(),
            content_type: facts.content_type,
            e_tag: Some(ETag::Strong(facts.etag)),
            last_modified: Some(stored_at),
            ..HeadObjectOutput::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        match self.facts(&request.input.bucket, &request.input.key) {
            Ok(_) => {
                for kind in ["json", "bytes"] {
                    // Another deletion can come first.
                    let _ = fs::remove_file(self.file(&request.input.key, kind));
                }
            }
            Err(error) if error.code().as_str() == "NoSuchKey" => {}
            Err(error) => return Err(error),
        }
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        if input.bucket != NAME {
            return Err(s3_error!(NoSuchBucket));
        }
        if input.delimiter.is_some() {
            return Err(s3_error!(NotImplemented));
        }
        let after = input.continuation_token.as_ref().or(input.start_after.as_ref());
        let mut listed = self.list(input.prefix.as_deref().unwrap_or(""), after.map_or("", String::as_str))?;
        let most = input.max_keys.and_then(|keys| usize::try_from(keys).ok()).unwrap_or(MAX_LISTED).min(MAX_LISTED);
        let is_truncated = listed.len() > most;
        listed.truncate(most);
        let last = listed.last().filter(|_| is_truncated).map(|(facts, _)| facts.key.clone());
        let contents = listed.into_iter().map(|(facts, stored_at)| Object {
            e_tag: Some(ETag::Strong(facts.etag)),
            key: Some(facts.key),
            last_modified: Some(stored_at),
            size: i64::try_from(facts.size).ok(),
            ..Object::default()
        });
        let contents: Vec<Object> = contents.collect();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix,
            key_count: i32::try_from(contents.len()).ok(),
            max_keys: i32::try_from(most).ok(),
            is_truncated: Some(is_truncated),
            next_continuation_token: last,
            contents: Some(contents),
            ..ListObjectsV2Output::default()
        }))
    }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec()
}

fn internal(error: io::Error) -> s3s::S3Error {
    s3_error!(error, InternalError)
}
