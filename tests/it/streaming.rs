//! Files of 100 MiB through the outbound client: chunk by chunk, and no byte of them is copied on its way.

use crate::support::builders::{Intent, intent};
use crate::support::{ActionHarness, EffectKind, NOW, TestApp, TestResponse, grant_for};
use aws_lc_rs::digest::{Context, Digest, SHA256};
use bytes::Bytes;
use engine::adapters;
use engine::adapters::content::Source;
use engine::adapters::files::{ActionFiles, FileOutput, MAX_FILE_BYTES, NewFile};
use engine::clock::Clock;
use engine::error::{Error, Result};
use engine::http::{Body, ByteStream, Http, Request, Response};
use engine::ids::FileId;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use sandbox::fixtures::slack::GENERAL;
use sandbox::{Sandbox, Strangeness};
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::{Arc, Mutex};

const FILE: &str = "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D";
/// Largest chunk that the engine makes.
const CHUNK: usize = 64 * 1024;
/// Largest chunk that the HTTP library reads from a socket.
const MAX_READ: usize = 512 * 1024;

/// What flowed through a place.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    bytes: u64,
    chunks: u64,
    largest: usize,
    /// Bytes that are not those of the source, but a copy.
    copied: u64,
}

/// The files of an attempt: the bytes of one are made as they are read, and those of the other are hashed as they come.
#[derive(Debug)]
struct FlowingFiles {
    /// Each chunk is a slice of it, at another place than the chunk before.
    block: Bytes,
    stored: Mutex<Vec<(NewFile, Digest)>>,
}

impl FlowingFiles {
    fn new() -> Self {
        let mut state: u32 = 1;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        Self { block: noise.take(2 * CHUNK).collect(), stored: Mutex::default() }
    }

    /// Where the bytes of the source are in memory.
    fn place(&self) -> Range<usize> {
        let start = self.block.as_ptr() as usize;
        start..start + self.block.len()
    }

    fn chunks(&self, size: u64) -> impl Iterator<Item = Bytes> + Send + use<> {
        let (block, whole) = (self.block.clone(), usize::try_from(size).unwrap() / CHUNK);
        (0..whole).map(move |number| block.slice(number % CHUNK..number % CHUNK + CHUNK))
    }

    fn hash(&self, size: u64) -> Digest {
        let mut hash = Context::new(&SHA256);
        self.chunks(size).for_each(|chunk| hash.update(&chunk));
        hash.finish()
    }
}

impl ActionFiles for FlowingFiles {
    fn source(&self, _file: &FileId, size: u64) -> Source {
        let chunks: Vec<Bytes> = self.chunks(size).collect();
        Source::new(size, move || {
            let chunks = stream::iter(chunks.clone()).map(Ok).boxed();
            Box::pin(async move { Ok(chunks) })
        })
    }

    fn store(&self, file: NewFile, mut content: ByteStream) -> BoxFuture<'_, Result<FileOutput>> {
        Box::pin(async move {
            let mut hash = Context::new(&SHA256);
            while let Some(chunk) = content.next().await {
                hash.update(&chunk.map_err(Error::unavailable)?);
            }
            let NewFile { filename, content_type, size } = file.clone();
            self.stored.lock().unwrap().push((file, hash.finish()));
            Ok(FileOutput { file: FileId::parse(FILE).unwrap(), filename, content_type, size, text: None })
        })
    }
}

/// The outbound client with a meter on its streams.
#[derive(Clone, Default)]
struct Meter {
    sent: Arc<Mutex<Flow>>,
    received: Arc<Mutex<Flow>>,
    /// The bytes of all bodies that were whole in memory.
    whole: Arc<Mutex<u64>>,
}

impl Meter {
    fn client(&self, place: Range<usize>) -> Http {
        let (meter, client) = (self.clone(), Http::client());
        Http::new(move |request| {
            let (meter, client, place) = (meter.clone(), client.clone(), place.clone());
            Box::pin(async move {
                let (parts, body) = request.into_parts();
                let body = meter.measured(body, &meter.sent, place);
                let (parts, body) = client.send(Request::from_parts(parts, body)).await?.into_parts();
                let body = meter.measured(body, &meter.received, 0..0);
                Ok(Response::from_parts(parts, body))
            })
        })
    }

    fn measured(&self, body: Body, flow: &Arc<Mutex<Flow>>, place: Range<usize>) -> Body {
        if !body.is_stream() {
            *self.whole.lock().unwrap() += body.bytes().len() as u64;
            return body;
        }
        let (length, flow) = (body.length(), Arc::clone(flow));
        let chunks = body.into_stream().inspect(move |chunk| {
            let Ok(chunk) = chunk else { return };
            let mut flow = flow.lock().unwrap();
            flow.bytes += chunk.len() as u64;
            flow.chunks += 1;
            flow.largest = flow.largest.max(chunk.len());
            if !place.contains(&(chunk.as_ptr() as usize)) {
                flow.copied += chunk.len() as u64;
            }
        });
        Body::stream(length, chunks.boxed())
    }
}

/// An action of Slack's with a context, against the sandbox.
async fn harness(
    sandbox: &sandbox::RunningSandbox,
    name: &str,
    http: Http,
    files: &Arc<FlowingFiles>,
    context: Value,
) -> ActionHarness {
    let adapter = adapters::find("slack").unwrap();
    let action = adapter.action(name).unwrap();
    let token = grant_for(&sandbox.sandbox, adapter, action).access_token.into();
    let base_url = sandbox.provider_urls()["slack"].parse().unwrap();
    let files = Arc::clone(files) as Arc<dyn ActionFiles>;
    ActionHarness { base_url, token, files, context, ..ActionHarness::new(adapter, action, http) }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the figures are the result")]
async fn a_hundred_mebibytes_flow_to_slack_and_back_chunk_by_chunk() {
    let sandbox = Sandbox::new().bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    sandbox.sandbox.set_strangeness(Strangeness::content());
    let (files, meter, clock) = (Arc::new(FlowingFiles::new()), Meter::default(), Clock::manual(NOW.parse().unwrap()));
    let http = meter.client(files.place());
    let file = json!({ "file": FILE, "filename": "a.bin", "size": MAX_FILE_BYTES });
    let upload = json!({ "channel": GENERAL, "file": file });
    let upload = harness(&sandbox, "upload_file", http.clone(), &files, upload).await;
    let checkpoint = upload.action.prepare(&upload.api(None, &clock), &upload.context).await.unwrap();
    let api = upload.api(checkpoint.as_deref(), &clock);
    let shared = upload.action.run(&api, &upload.context).await.unwrap();

    let read = json!({ "fileId": shared.data["id"] });
    let read = harness(&sandbox, "get_file", http, &files, read).await;
    let output = read.action.run(&read.api(None, &clock), &read.context).await.unwrap();
    assert_eq!((&output.data["size"], &output.data["filename"]), (&json!(MAX_FILE_BYTES), &json!("a.bin")));
    let stored = files.stored.lock().unwrap();
    assert_eq!((stored.len(), stored[0].0.size), (1, MAX_FILE_BYTES));
    assert_eq!(stored[0].1.as_ref(), files.hash(MAX_FILE_BYTES).as_ref(), "every byte came back");

    let (sent, received) = (*meter.sent.lock().unwrap(), *meter.received.lock().unwrap());
    println!("sent {sent:?}, received {received:?}, whole bodies {} bytes", meter.whole.lock().unwrap());
    assert_eq!((sent.bytes, received.bytes), (MAX_FILE_BYTES, MAX_FILE_BYTES));
    assert_eq!(sent.copied, 0, "each chunk is the source's own");
    assert!(sent.largest <= CHUNK && received.largest <= MAX_READ, "{sent:?}, {received:?}");
    assert!(*meter.whole.lock().unwrap() < 64 * 1024, "nothing but the calls of methods is whole in memory");
}

/// The bytes of what the API takes and answers.
async fn exchanged(app: &TestApp, intent: Intent) -> (usize, TestResponse) {
    let sent = intent.json().to_string().len();
    let answer = app.submit("u1", intent).await;
    (sent + answer.body.to_string().len(), answer)
}

#[tokio::test]
async fn no_byte_of_a_large_file_passes_the_api() {
    // As the processor has it: a request ends earlier, and leaves such a file to the processor.
    let app = TestApp::start_with(&[("PLUGIN_ENGINE_TIMEOUT_SECONDS", "150")]).await;
    app.connect("u1", "slack").await;
    let file = Bytes::from(vec![b'a'; MAX_FILE_BYTES as usize]);
    let id = app.upload("u1", "large.bin", "application/octet-stream", file.clone()).await;
    let upload = intent("slack", "upload_file").context(json!({ "channel": GENERAL, "file": id }));
    let (through_api, answer) = exchanged(&app, upload).await;
    assert!(through_api < 2_000, "{through_api} bytes");
    answer.succeeded();
    let shared = app.effects(EffectKind::FileShared).only().id.clone();
    let (through_api, answer) = exchanged(&app, intent("slack", "get_file").with("fileId", shared)).await;
    assert!(through_api < 2_000, "{through_api} bytes");
    let read = answer.succeeded();
    let stored = app.sandbox.sandbox.object(&format!("in/{}", read.data()["file"].as_str().unwrap()));
    assert!(stored.is_some_and(|stored| stored == file));
}
