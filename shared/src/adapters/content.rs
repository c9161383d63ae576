//! The content of a streamed request: pieces in order, such as the head of a mail, a file in base64, and the end of the mail.
//!
//! A request is sent again after a rate limit, so each piece can be opened again. Nothing of a file is in memory but the chunk that is on its
//! way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::http::{Body, ByteStream, StreamError};

/// Bytes in one line of base64: 76 characters, the most that RFC 2045 section 6.8 allows.
const LINE_BYTES: usize = 57;
/// The characters of one line of base64 with its end.
const LINE_CHARS: u64 = 78;

/// Opens a range of the bytes of a source.
type OpenRange = dyn Fn(Range<u64>) -> BoxFuture<'static, Result<ByteStream>> + Send + Sync;

/// Bytes of a known length that can be opened more than once.
#[derive(Clone)]
pub struct Source {
    /// The part of the bytes at hand that this source has.
    range: Range<u64>,
    open: Arc<OpenRange>,
}

impl Source {
    /// Returns a source of so many bytes, which `open` reads from the start. A stream of another length fails its request.
    pub fn new(length: u64, open: impl Fn() -> BoxFuture<'static, Result<ByteStream>> + Send + Sync + 'static) -> Self {
        Self::ranged(length, move |range| {
            let opened = open();
            Box::pin(async move {
                let stream = opened.await?;
                // The end of a whole source is read, so that one that is too long is seen.
                Ok(if range == (0..length) { stream } else { section(stream, range.start, range.end - range.start) })
            })
        })
    }

    /// Returns a source of so many bytes, of which `open` reads a range alone.
    pub fn ranged(
        length: u64,
        open: impl Fn(Range<u64>) -> BoxFuture<'static, Result<ByteStream>> + Send + Sync + 'static,
    ) -> Self {
        Self { range: 0..length, open: Arc::new(open) }
    }

    /// Returns a source of bytes in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes: Bytes = bytes.into();
        Self::new(bytes.len() as u64, move || {
            let stream = Body::from(bytes.clone()).into_stream();
            Box::pin(async move { Ok(stream) })
        })
    }

    /// Returns the number of bytes.
    pub fn length(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Returns a section of so many bytes from `start` on. Where a range cannot be opened alone, what is before it is read too, and dropped.
    #[must_use]
    pub fn section(&self, start: u64, length: u64) -> Self {
        let start = self.range.start + start;
        Self { range: start..start + length, open: Arc::clone(&self.open) }
    }

    /// Opens the source.
    ///
    /// # Errors
    /// Those of the place where the bytes are.
    pub async fn open(&self) -> Result<ByteStream> {
        let stream = (self.open)(self.range.clone()).await?;
        Ok(Body::stream(Some(self.length()), stream).into_stream())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("length", &self.length()).finish_non_exhaustive()
    }
}

/// The content of a request, in pieces.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pieces: Vec<Piece>,
    description: Option<Value>,
}

/// What a person reads of a streamed request in a dry run, in the extensions of the request.
#[derive(Clone, Debug)]
pub struct Description(pub Value);

#[derive(Clone, Debug)]
enum Piece {
    Bytes(Bytes),
    Source(Source),
    Base64(Source),
}

impl Content {
    /// Returns an empty content.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    #[must_use]
    pub fn text(mut self, bytes: impl Into<Bytes>) -> Self {
        self.pieces.push(Piece::Bytes(bytes.into()));
        self
    }

    /// Adds the bytes of a source as they are.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.pieces.push(Piece::Source(source));
        self
    }

    /// Adds the bytes of a source in base64: lines of 76 characters, each with its CRLF, the last one too.
    #[must_use]
    pub fn base64_lines(mut self, source: Source) -> Self {
        self.pieces.push(Piece::Base64(source));
        self
    }

    /// Describes the content for a person, who reads names and sizes of its files and not their bytes.
    #[must_use]
    pub fn described(self, description: Value) -> Self {
        Self { description: Some(description), ..self }
    }

    /// Adds the description, if there is one, to the request of the content.
    pub(super) fn describe(&self, request: http::request::Builder) -> http::request::Builder {
        match &self.description {
            Some(description) => request.extension(Description(description.clone())),
            None => request,
        }
    }

    /// Returns the bytes of a content that is one piece in memory; of another one none.
    pub(super) fn bytes(&self) -> &[u8] {
        match self.pieces.as_slice() {
            [Piece::Bytes(bytes)] => bytes,
            _ => &[],
        }
    }

    /// Returns the number of bytes that are sent.
    pub fn length(&self) -> u64 {
        self.pieces.iter().map(Piece::length).sum()
    }

    /// Opens the content as a body: a whole one if it is one piece in memory. Otherwise its first source is opened now, and each other one when it
    /// is its turn.
    ///
    /// # Errors
    /// Those of [`Source::open`].
    pub(super) async fn open(&self) -> Result<Body> {
        match self.pieces.as_slice() {
            [] => return Ok(Body::default()),
            [Piece::Bytes(bytes)] => return Ok(bytes.clone().into()),
            _ => {}
        }
        let mut opened = ByteStreams::default();
        let mut rest: VecDeque<Piece> = self.pieces.iter().cloned().collect();
        while let Some(piece) = rest.pop_front() {
            let is_source = !matches!(piece, Piece::Bytes(_));
            opened.0.push_back(piece.open().await?);
            if is_source {
                break;
            }
        }
        let rest = stream::iter(rest).then(|piece| async move {
            // The cause may name a file, which is no text for the log of a request.
            piece.open().await.map_err(|error| StreamError(format!("a source could not be opened: {}", error.code())))
        });
        let rest = rest.flat_map(|opened| opened.unwrap_or_else(|error| stream::iter([Err(error)]).boxed()));
        let stream = stream::iter(opened.0).flatten().chain(rest);
        Ok(Body::stream(Some(self.length()), stream.boxed()))
    }
}

/// Returns a section of a stream. The stream is not read beyond it.
fn section(bytes: ByteStream, start: u64, length: u64) -> ByteStream {
    stream::unfold((bytes, start, length), |(mut bytes, mut before, mut left)| async move {
        while left > 0 {
            let mut chunk = match bytes.next().await? {
                Ok(chunk) => chunk,
                Err(error) => return Some((Err(error), (bytes, before, 0))),
            };
            let dropped = chunk.split_to(usize::try_from(before).unwrap_or(usize::MAX).min(chunk.len()));
            before -= dropped.len() as u64;
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if !chunk.is_empty() {
                left -= chunk.len() as u64;
                return Some((Ok(chunk), (bytes, before, left)));
            }
        }
        None
    })
    .boxed()
}

#[derive(Default)]
struct ByteStreams(VecDeque<ByteStream>);

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Source(source) => source.length(),
            Self::Base64(source) => base64_length(source.length()),
        }
    }

    async fn open(self) -> Result<ByteStream> {
        Ok(match self {
            Self::Bytes(bytes) => Body::from(bytes).into_stream(),
            Self::Source(source) => source.open().await?,
            Self::Base64(source) => base64_lines(source.open().await?),
        })
    }
}

/// The length of so many bytes in base64, with the ends of the lines.
fn base64_length(bytes: u64) -> u64 {
    let (lines, rest) = (bytes / LINE_BYTES as u64, bytes % LINE_BYTES as u64);
    lines * LINE_CHARS + if rest == 0 { 0 } else { rest.div_ceil(3) * 4 + 2 }
}

/// Codes a stream in lines of base64. Each chunk is coded where it is; only the bytes of an incomplete line are copied.
fn base64_lines(bytes: ByteStream) -> ByteStream {
    stream::unfold(Some((bytes, BytesMut::with_capacity(LINE_BYTES))), |coding| async {
        let (mut bytes, mut line) = coding?;
        loop {
            match bytes.next().await {
                Some(Ok(chunk)) => {
                    let coded = code_chunk(&mut line, &chunk);
                    if !coded.is_empty() {
                        return Some((Ok(coded.into()), Some((bytes, line))));
                    }
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None if line.is_empty() => return None,
                None => {
                    let mut coded = String::new();
                    code_line(&line, &mut coded);
                    return Some((Ok(coded.into()), None));
                }
            }
        }
    })
    .boxed()
}

/// Codes the whole lines of `line` and a chunk after it. The rest is the new `line`.
fn code_chunk(line: &mut BytesMut, mut chunk: &[u8]) -> String {
    let mut coded = String::with_capacity((chunk.len() / LINE_BYTES + 1) * LINE_CHARS as usize);
    if !line.is_empty() {
        let (head, tail) = chunk.split_at(chunk.len().min(LINE_BYTES - line.len()));
        line.extend_from_slice(head);
        chunk = tail;
        if line.len() < LINE_BYTES {
            return coded;
        }
        code_line(line, &mut coded);
        line.clear();
    }
    let lines = chunk.chunks_exact(LINE_BYTES);
    line.extend_from_slice(lines.remainder());
    lines.for_each(|line| code_line(line, &mut coded));
    coded
}

fn code_line(line: &[u8], coded: &mut String) {
    STANDARD.encode_string(line, coded);
    coded.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Error;

    fn chunked(bytes: Vec<u8>, size: usize) -> Source {
        let bytes = Bytes::from(bytes);
        Source::new(bytes.len() as u64, move || {
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
            Box::pin(async move { Ok(stream::iter(chunks).boxed()) })
        })
    }

    async fn read(content: &Content) -> Bytes {
        content.open().await.unwrap().collect(usize::MAX).await.unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn base64_is_the_same_however_the_bytes_arrive(bytes in proptest::collection::vec(any::<u8>(), 0..400), size in 1..130_usize) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let content = Content::new().text("<").base64_lines(chunked(bytes.clone(), size)).source(chunked(bytes.clone(), size)).text(">");
            let read = runtime.block_on(read(&content));
            prop_assert_eq!(read.len() as u64, content.length());
            let lines: String = bytes.chunks(LINE_BYTES).map(|line| STANDARD.encode(line) + "\r\n").collect();
            let expected = [b"<", lines.as_bytes(), bytes.as_slice(), b">"].concat();
            prop_assert_eq!(read.as_ref(), expected.as_slice());
            // It can be sent again.
            prop_assert_eq!(runtime.block_on(self::read(&content)), expected);
        }
    }

    #[tokio::test]
    async fn sections_of_a_source_are_the_whole_source() {
        let whole = chunked((0..100).collect(), 7);
        let parts = [(0, 30), (30, 0), (30, 69), (99, 1)].map(|(start, length)| whole.section(start, length));
        let content = parts.into_iter().fold(Content::new(), Content::source);
        assert_eq!(read(&content).await, (0..100).collect::<Vec<u8>>());
        assert!(Content::new().source(whole.section(90, 11)).open().await.unwrap().collect(100).await.is_err());
    }

    #[tokio::test]
    async fn a_first_source_that_cannot_be_opened_fails_before_anything_is_sent() {
        let missing = || Source::new(3, || Box::pin(async { Err(Error::NotFound("File")) }));
        let first = Content::new().text("head").source(missing()).open().await;
        assert!(matches!(first, Err(Error::NotFound(_))));
        let later = Content::new().source(Source::bytes("abc")).source(missing()).open().await.unwrap();
        assert!(later.collect(100).await.unwrap_err().to_string().contains("NOT_FOUND"));
        let short = Source::new(4, || Box::pin(async { Ok(Body::from("abc").into_stream()) }));
        assert!(Content::new().source(short).open().await.unwrap().collect(100).await.is_err());
    }
}
