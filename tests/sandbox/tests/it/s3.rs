//! Tests of S3: the product's signer makes the URLs, over a socket and in process.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Response};
use rusty_s3::{Bucket, Credentials, Method, S3Action, UrlStyle};
use sandbox::settings::{ACCESS_KEY_ID, FILES_BUCKET, SECRET_ACCESS_KEY};
use sandbox::{Fault, RunningSandbox, Sandbox};
use tower::ServiceExt as _;
use url::Url;

/// The life of a signed URL.
const LIFE: Duration = Duration::from_secs(900);

/// A client with the bucket of a sandbox on a socket.
struct S3 {
    running: RunningSandbox,
    bucket: Bucket,
    credentials: Credentials,
    client: Client,
}

impl S3 {
    async fn start() -> Self {
        Self::with_bucket(FILES_BUCKET).await
    }

    async fn with_bucket(name: &'static str) -> Self {
        let running = Sandbox::new().bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let endpoint = running.s3_endpoint().parse().unwrap();
        let bucket = Bucket::new(endpoint, UrlStyle::Path, name, "eu-west-1").unwrap();
        let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY);
        Self { running, bucket, credentials, client: Client::new() }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.running.sandbox.now()).unwrap()
    }

    fn sign<'a>(&self, action: &impl S3Action<'a>) -> Url {
        action.sign_with_time(LIFE, &self.now())
    }

    fn get_url(&self, key: &str) -> Url {
        self.sign(&self.bucket.get_object(Some(&self.credentials), key))
    }

    /// A signed upload of `stated`, with its length, type and checksum in the signature.
    fn put(&self, key: &str, stated: &[u8]) -> RequestBuilder {
        let mut action = self.bucket.put_object(Some(&self.credentials), key);
        let headers = [
            ("content-length", stated.len().to_string()),
            ("content-type", "text/plain".to_owned()),
            ("x-amz-checksum-sha256", checksum(stated)),
        ];
        for (name, value) in &headers {
            action.headers_mut().insert(*name, value.clone());
        }
        let request = self.client.put(self.sign(&action)).body(stated.to_vec());
        headers.into_iter().skip(1).fold(request, |request, (name, value)| request.header(name, value))
    }

    async fn copy(&self, source: &str, to: &str, if_match: Option<&str>) -> Response {
        let mut headers = vec![("x-amz-copy-source", source)];
        headers.extend(if_match.map(|etag| ("x-amz-copy-source-if-match", etag)));
        let url = rusty_s3::signing::sign(
            &self.now(),
            Method::Put,
            self.bucket.object_url(to),
            ACCESS_KEY_ID,
            SECRET_ACCESS_KEY,
            None,
            "eu-west-1",
            60,
            std::iter::empty(),
            headers.clone().into_iter(),
        );
        let request = self.client.put(url);
        headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send().await.unwrap()
    }

    async fn list(&self, set: impl FnOnce(&mut rusty_s3::actions::ListObjectsV2<'_>)) -> (Vec<String>, Option<String>) {
        let mut action = self.bucket.list_objects_v2(Some(&self.credentials));
        set(&mut action);
        let text = self.client.get(self.sign(&action)).send().await.unwrap().text().await.unwrap();
        let list = rusty_s3::actions::ListObjectsV2::parse_response(&text).unwrap();
        (list.contents.into_iter().map(|object| object.key).collect(), list.next_continuation_token)
    }
}

fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes))
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The status and the error code of a refusal.
async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let code = text.split_once("<Code>").and_then(|(_, text)| text.split_once("</Code>"));
    (status, code.map(|(code, _)| code.to_owned()).unwrap_or(text))
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn object_is_stored_read_in_part_listed_and_deleted() {
    let s3 = S3::start().await;
    let put = s3.put("in/a b+ü.txt", b"0123456789").send().await.unwrap();
    assert_eq!((put.status().as_u16(), header(&put, "etag").len()), (200, 34));
    assert_eq!(s3.running.sandbox.object("in/a b+ü.txt").unwrap(), "0123456789");

    let mut named = s3.bucket.get_object(Some(&s3.credentials), "in/a b+ü.txt");
    named.query_mut().insert("response-content-disposition", "attachment; filename=\"a b.txt\"");
    named.query_mut().insert("response-content-type", "application/pdf");
    let got = s3.client.get(s3.sign(&named)).header("range", "bytes=2-4").send().await.unwrap();
    assert_eq!((got.status().as_u16(), header(&got, "content-range")), (206, "bytes 2-4/10"));
    assert_eq!(header(&got, "content-disposition"), "attachment; filename=\"a b.txt\"");
    assert_eq!(header(&got, "content-type"), "application/pdf");
    assert_eq!(header(&got, "etag"), header(&put, "etag"));
    assert_eq!(got.text().await.unwrap(), "234");

    let head = s3.sign(&s3.bucket.head_object(Some(&s3.credentials), "in/a b+ü.txt"));
    let head = s3.client.head(head).send().await.unwrap();
    assert_eq!((header(&head, "content-length"), header(&head, "content-type")), ("10", "text/plain"));
    assert!(header(&head, "last-modified").ends_with(" GMT"));
    let missing = s3.sign(&s3.bucket.head_object(Some(&s3.credentials), "in/b"));
    assert_eq!(s3.client.head(missing).send().await.unwrap().status(), 404);

    for _ in 0..2 {
        let delete = s3.sign(&s3.bucket.delete_object(Some(&s3.credentials), "in/a b+ü.txt"));
        assert_eq!(s3.client.delete(delete).send().await.unwrap().status(), 204, "a deletion is idempotent");
    }
    assert_eq!(
        refusal(s3.client.get(s3.get_url("in/a b+ü.txt")).send().await.unwrap()).await,
        refused(404, "NoSuchKey")
    );
}

#[tokio::test]
async fn upload_differs_in_no_signed_header() {
    let s3 = S3::start().await;
    let longer = s3.put("in/1", b"0123456789").body("0123456789A").send().await.unwrap();
    assert_eq!(refusal(longer).await, refused(403, "SignatureDoesNotMatch"));
    let other_type = |request: RequestBuilder| {
        let mut request = request.build().unwrap();
        request.headers_mut().insert("content-type", "text/html".parse().unwrap());
        s3.client.execute(request)
    };
    assert_eq!(refusal(other_type(s3.put("in/1", b"0")).await.unwrap()).await, refused(403, "SignatureDoesNotMatch"));
    let other_bytes = s3.put("in/1", b"0123456789").body("012345678A").send().await.unwrap();
    assert_eq!(refusal(other_bytes).await, refused(400, "BadDigest"));
    let unsigned = s3.put("in/1", b"0").header("x-amz-acl", "public-read").send().await.unwrap();
    assert_eq!(refusal(unsigned).await, refused(403, "AccessDenied"));
    assert!(s3.running.sandbox.object_keys("").is_empty());
}

#[tokio::test]
async fn url_is_valid_for_its_request_and_time_only() {
    let s3 = S3::start().await;
    s3.put("in/1", b"one").send().await.unwrap();
    let url = s3.get_url("in/1");
    let get = async |url: Url| refusal(s3.client.get(url).send().await.unwrap()).await;
    let other_key = url.as_str().replace("in/1", "in/2").parse().unwrap();
    assert_eq!(get(other_key).await, refused(403, "SignatureDoesNotMatch"));
    let longer = url.as_str().replace("Expires=900", "Expires=901").parse().unwrap();
    assert_eq!(get(longer).await, refused(403, "SignatureDoesNotMatch"));
    let mut unsigned = url.clone();
    unsigned.set_query(None);
    assert_eq!(get(unsigned).await, refused(403, "AccessDenied"));
    let stranger = Credentials::new("AKIAOTHER", SECRET_ACCESS_KEY);
    let stranger = s3.sign(&s3.bucket.get_object(Some(&stranger), "in/1"));
    assert_eq!(get(stranger).await, refused(403, "InvalidAccessKeyId"));
    assert_eq!(s3.client.put(url.clone()).body("two").send().await.unwrap().status(), 403, "another method");

    s3.running.sandbox.advance_clock(890);
    assert_eq!(get(url.clone()).await, (200, "one".to_owned()));
    s3.running.sandbox.advance_clock(20);
    let expired = s3.client.get(url).send().await.unwrap();
    assert_eq!(expired.status(), 403);
    assert!(expired.text().await.unwrap().contains("<Message>Request has expired</Message>"));
    let elsewhere = S3::with_bucket("other-bucket").await;
    let elsewhere = elsewhere.client.get(elsewhere.get_url("in/1")).send().await.unwrap();
    assert_eq!(refusal(elsewhere).await, refused(404, "NoSuchBucket"));
}

#[tokio::test]
async fn copy_depends_on_the_etag() {
    let s3 = S3::start().await;
    let put = s3.put("in/1", b"one").send().await.unwrap();
    let etag = header(&put, "etag");
    let source = format!("/{FILES_BUCKET}/in/1");
    let copied = s3.copy(&source, "held/1", Some(etag)).await;
    assert_eq!(copied.status(), 200);
    assert!(copied.text().await.unwrap().contains("<CopyObjectResult"));
    assert_eq!(s3.running.sandbox.object("held/1").unwrap(), "one");
    let head = s3.sign(&s3.bucket.head_object(Some(&s3.credentials), "held/1"));
    assert_eq!(header(&s3.client.head(head).send().await.unwrap(), "content-type"), "text/plain");

    s3.put("in/1", b"two").send().await.unwrap();
    let changed = s3.copy(&source, "held/2", Some(etag)).await;
    assert_eq!(refusal(changed).await, refused(412, "PreconditionFailed"));
    let missing = s3.copy(&format!("{FILES_BUCKET}/in/2"), "held/2", None).await;
    assert_eq!(refusal(missing).await, refused(404, "NoSuchKey"));
    assert_eq!(refusal(s3.copy(&source, "in/1", None).await).await, refused(400, "InvalidRequest"));
    assert_eq!(s3.running.sandbox.object_keys("held/"), ["held/1"]);
}

#[tokio::test]
async fn list_is_paged_and_the_lifecycle_deletes_a_prefix() {
    let s3 = S3::start().await;
    for key in ["held/a&b/1", "held/a&b/2", "held/a&b/3", "in/1"] {
        s3.put(key, b"1").send().await.unwrap();
    }
    let prefixed = |action: &mut rusty_s3::actions::ListObjectsV2<'_>| {
        action.with_prefix("held/a&b/");
        action.with_max_keys(2);
    };
    let (keys, token) = s3.list(prefixed).await;
    assert_eq!(keys, ["held/a&b/1", "held/a&b/2"]);
    let token: Cow<'static, str> = token.unwrap().into();
    let next = |action: &mut rusty_s3::actions::ListObjectsV2<'_>| {
        prefixed(action);
        action.with_continuation_token(token);
    };
    assert_eq!(s3.list(next).await, (vec!["held/a&b/3".to_owned()], None));
    assert_eq!(s3.list(|action| action.with_start_after("held/a&b/3")).await, (vec!["in/1".to_owned()], None));
    assert_eq!(s3.running.sandbox.delete_objects("held/"), 3);
    assert_eq!(s3.running.sandbox.object_keys(""), ["in/1"]);
}

#[tokio::test]
async fn page_on_the_loopback_may_upload_and_no_other() {
    let s3 = S3::start().await;
    let url = s3.bucket.object_url("in/1");
    let preflight = |origin, method| {
        let request = s3.client.request(reqwest::Method::OPTIONS, url.clone()).header("origin", origin);
        request
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "content-type")
            .send()
    };
    let allowed = preflight("http://127.0.0.1:5173", "PUT").await.unwrap();
    assert_eq!((allowed.status().as_u16(), header(&allowed, "access-control-allow-headers")), (200, "content-type"));
    assert_eq!(preflight("https://example.com", "PUT").await.unwrap().status(), 403);
    assert_eq!(preflight("http://localhost:3000", "DELETE").await.unwrap().status(), 403);
    let put = s3.put("in/1", b"1").header("origin", "http://localhost:3000").send().await.unwrap();
    let exposed = (header(&put, "access-control-allow-origin"), header(&put, "access-control-expose-headers"));
    assert_eq!(exposed, ("http://localhost:3000", "ETag"));
}

#[tokio::test]
async fn transfers_fail_as_planned() {
    let s3 = S3::start().await;
    let body = vec![b'x'; 1 << 20];
    let sandbox = &s3.running.sandbox;
    sandbox.fault(Fault::cut_upload("s3", 1000));
    assert!(s3.put("in/1", &body).send().await.unwrap_err().status().is_none());
    assert_eq!(sandbox.object("in/1"), None);
    sandbox.fault(Fault::status("s3", 503, "<Error><Code>SlowDown</Code></Error>".into()).times(2));
    for _ in 0..2 {
        assert_eq!(refusal(s3.put("in/1", &body).send().await.unwrap()).await, refused(503, "SlowDown"));
    }
    assert_eq!(s3.put("in/1", &body).send().await.unwrap().status(), 200);
    sandbox.fault(Fault::cut_download("s3", 1000).on_method("GET"));
    let mut cut = s3.client.get(s3.get_url("in/1")).send().await.unwrap();
    assert_eq!(header(&cut, "content-length"), body.len().to_string());
    let mut read = 0;
    while let Ok(Some(chunk)) = cut.chunk().await {
        read += chunk.len();
    }
    assert_eq!(read, 1000);
}

#[tokio::test]
async fn request_in_process_needs_no_headers_of_the_socket() {
    let sandbox = Sandbox::new();
    let bucket = Bucket::new("http://localhost/s3".parse().unwrap(), UrlStyle::Path, FILES_BUCKET, "r-1").unwrap();
    let credentials = Credentials::new_with_token(ACCESS_KEY_ID, SECRET_ACCESS_KEY, "session");
    let mut action = bucket.put_object(Some(&credentials), "in/1");
    action.headers_mut().insert("content-length", "3");
    let url = action.sign_with_time(LIFE, &Timestamp::from_second(sandbox.now()).unwrap());
    let send = async |url: &Url, body| {
        let request = http::Request::put(url.as_str()).body(body).unwrap();
        sandbox.router().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(send(&url, Body::from("one two")).await, 403);
    assert_eq!(send(&url, Body::from("one")).await, 200);
    let any_length = bucket.put_object(Some(&credentials), "in/2");
    let any_length = any_length.sign_with_time(LIFE, &Timestamp::from_second(sandbox.now()).unwrap());
    let unknown = Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>("two")]));
    assert_eq!(send(&any_length, unknown).await, 411);
    assert_eq!(sandbox.object("in/1").unwrap(), "one");
}

#[tokio::test]
async fn objects_of_100_mib_are_stored_and_read() {
    let s3 = S3::start().await;
    let body = vec![7; 100 << 20];
    assert_eq!(s3.put("in/1", &body).send().await.unwrap().status(), 200);
    let got = s3.client.get(s3.get_url("in/1")).send().await.unwrap();
    assert_eq!(got.bytes().await.unwrap().len(), body.len());
}
