//! Tests of the bucket with the signer of the product.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, RequestBuilder, Response};
use rusty_s3::{Credentials, Method, S3Action, UrlStyle};
use std::time::Duration;

use super::*;
use crate::stack::listen;
use crate::template::Template;

/// The origin of a page that may upload.
const PAGE: &str = "http://127.0.0.1:5173";

/// A bucket with a client that signs as the product does.
struct S3 {
    _bucket: Bucket,
    folder: PathBuf,
    place: rusty_s3::Bucket,
    credentials: Credentials,
    client: Client,
}

impl S3 {
    async fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("plugin-engine-bucket-{name}-{}", std::process::id()));
        let cors = Cors { policy: Template::read().unwrap().files_cors, origins: vec![PAGE.to_owned()] };
        let location = BucketLocation::Temporary(folder.clone());
        let bucket = Bucket::start(listen(0).await.unwrap(), location, cors).unwrap();
        let place = rusty_s3::Bucket::new(bucket.url.parse().unwrap(), UrlStyle::Path, NAME, "us-east-1").unwrap();
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        Self { _bucket: bucket, folder, place, credentials, client: Client::builder().no_proxy().build().unwrap() }
    }

    fn sign<'a>(&self, action: &impl S3Action<'a>) -> url::Url {
        action.sign_with_time(Duration::from_secs(900), &Clock::system().now())
    }

    /// An upload whose length, type and checksum are signed.
    fn put(&self, key: &str, stated: &[u8], signed_at: Timestamp) -> RequestBuilder {
        let sha256 = STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, stated));
        let mut action = self.place.put_object(Some(&self.credentials), key);
        action.headers_mut().insert("content-length", stated.len().to_string());
        action.headers_mut().insert("content-type", "text/plain");
        action.headers_mut().insert("x-amz-checksum-sha256", sha256.clone());
        let url = action.sign_with_time(Duration::from_secs(900), &signed_at);
        self.client.put(url).header("x-amz-checksum-sha256", sha256).body(stated.to_vec())
    }

    /// The same, signed now and with its type.
    async fn upload(&self, key: &str, bytes: &[u8]) -> Response {
        self.put(key, bytes, Clock::system().now()).header("content-type", "text/plain").send().await.unwrap()
    }

    async fn copy(&self, from: &str, to: &str, etag: &str) -> Response {
        let source = format!("{NAME}/{from}");
        let headers = [("x-amz-copy-source", source.as_str()), ("x-amz-copy-source-if-match", etag)];
        let url = rusty_s3::signing::sign(
            &Clock::system().now(),
            Method::Put,
            self.place.object_url(to),
            ACCESS_KEY_ID,
            SECRET_ACCESS_KEY,
            None,
            "us-east-1",
            60,
            std::iter::empty(),
            headers.into_iter(),
        );
        let request = headers.iter().fold(self.client.put(url), |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap()
    }

    async fn read(&self, key: &str) -> Response {
        let url = self.sign(&self.place.get_object(Some(&self.credentials), key));
        self.client.get(url).send().await.unwrap()
    }
}

async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let code = text.split_once("<Code>").and_then(|(_, text)| text.split_once("</Code>"));
    (status, code.map_or(text.clone(), |(code, _)| code.to_owned()))
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn uploads_are_held_to_what_is_signed() {
    let s3 = S3::start("signed").await;
    let now = Clock::system().now();
    let as_text = |request: RequestBuilder| request.header("content-type", "text/plain").send();
    let longer = as_text(s3.put("in/1", b"0123456789", now).body("0123456789A")).await.unwrap();
    assert_eq!(refusal(longer).await, refused(403, "SignatureDoesNotMatch"));
    let other_type = s3.put("in/1", b"0123456789", now).header("content-type", "text/html").send().await.unwrap();
    assert_eq!(refusal(other_type).await, refused(403, "SignatureDoesNotMatch"));
    let other_bytes = as_text(s3.put("in/1", b"0123456789", now).body("012345678A")).await.unwrap();
    assert_eq!(refusal(other_bytes).await, refused(400, "BadDigest"));
    let expired = as_text(s3.put("in/1", b"0123456789", now - SignedDuration::from_mins(16))).await.unwrap();
    assert_eq!(refusal(expired).await, refused(403, "AccessDenied"));
    assert_eq!(refusal(s3.read("in/1").await).await, refused(404, "NoSuchKey"), "no refused upload is stored");

    assert_eq!(s3.upload("in/1", b"0123456789").await.status(), 200);
    let read = s3.read("in/1").await;
    assert_eq!(read.headers()["content-type"], "text/plain");
    assert_eq!(read.text().await.unwrap(), "0123456789");
}

#[tokio::test]
async fn objects_are_copied_listed_in_part_and_deleted() {
    let s3 = S3::start("copied").await;
    let etag = s3.upload("in/1", b"one").await.headers()["etag"].to_str().unwrap().to_owned();
    // As long as the keys of users with long ids.
    let held = format!("held/{}/1", "u".repeat(300));
    let copied = s3.copy("in/1", &held, &etag).await;
    assert_eq!(copied.status(), 200);
    assert!(copied.text().await.unwrap().contains("<CopyObjectResult"));
    s3.upload("in/1", b"two").await;
    assert_eq!(refusal(s3.copy("in/1", "held/2", &etag).await).await, refused(412, "PreconditionFailed"));
    assert_eq!(refusal(s3.copy("in/2", "held/2", &etag).await).await, refused(404, "NoSuchKey"));
    assert_eq!(s3.read(&held).await.text().await.unwrap(), "one");

    let mut list = s3.place.list_objects_v2(Some(&s3.credentials));
    list.with_max_keys(1);
    let page = async |list: &rusty_s3::actions::ListObjectsV2<'_>| {
        let text = s3.client.get(s3.sign(list)).send().await.unwrap().text().await.unwrap();
        rusty_s3::actions::ListObjectsV2::parse_response(&text).unwrap()
    };
    let first = page(&list).await;
    assert_eq!(first.contents.iter().map(|object| object.key.as_str()).collect::<Vec<_>>(), [held.as_str()]);
    list.with_continuation_token(first.next_continuation_token.unwrap());
    let second = page(&list).await;
    assert_eq!((second.contents[0].key.as_str(), second.next_continuation_token), ("in/1", None));

    let url = s3.sign(&s3.place.get_object(Some(&s3.credentials), "in/1"));
    let part = s3.client.get(url).header("range", "bytes=1-").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.text().await.unwrap().as_str()), (206, "wo"));
    for _ in 0..2 {
        let url = s3.sign(&s3.place.delete_object(Some(&s3.credentials), "in/1"));
        assert_eq!(s3.client.delete(url).send().await.unwrap().status(), 204);
    }
    assert_eq!(s3.read("in/1").await.status(), 404);
}

#[tokio::test]
async fn pages_of_the_listed_origins_may_upload() {
    let s3 = S3::start("pages").await;
    let preflight = |origin: &'static str| {
        let request = s3.client.request(reqwest::Method::OPTIONS, s3.place.object_url("in/1"));
        request.header("origin", origin).header("access-control-request-method", "PUT").send()
    };
    let allowed = preflight(PAGE).await.unwrap();
    let header = |name: &str| allowed.headers().get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!(header("access-control-allow-origin"), PAGE);
    assert_eq!(header("access-control-allow-methods"), "GET,PUT");
    assert_eq!(header("access-control-allow-headers"), "content-type,x-amz-checksum-sha256");
    let other = preflight("https://example.com").await.unwrap();
    assert!(!other.headers().contains_key("access-control-allow-origin"));
    let put = s3.put("in/1", b"1", Clock::system().now()).header("content-type", "text/plain").header("origin", PAGE);
    let put = put.send().await.unwrap();
    assert_eq!(
        (put.status().as_u16(), &put.headers()["access-control-expose-headers"]),
        (200, &"ETag".parse().unwrap())
    );
}

#[tokio::test]
async fn temporary_folder_is_removed_with_the_bucket() {
    let s3 = S3::start("removed").await;
    s3.upload("in/1", b"1").await;
    let folder = s3.folder.clone();
    assert!(folder.exists());
    drop(s3);
    assert!(!folder.exists());
}
