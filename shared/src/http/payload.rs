//! The body of a request or a response: whole bytes, or a stream of them.

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt as _};
use hyper::body::{Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A stream of bytes, in chunks of at most 64 KiB where the engine makes them.
pub type ByteStream = BoxStream<'static, Result<Bytes, StreamError>>;

/// Reason why a stream ended before its end. The text has nothing of its content.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct StreamError(pub String);

/// The mark of a request whose response may have any length, in its extensions: the body of a successful response comes as a stream. Each of
/// its frames may take ten seconds.
#[derive(Clone, Copy, Debug)]
pub struct Streamed;

/// The body of a request or a response. The default is an empty one.
#[derive(Default)]
pub struct Body {
    whole: Bytes,
    stream: Option<Streaming>,
}

struct Streaming {
    /// The length of the whole stream; `None` if it is not known.
    length: Option<u64>,
    stream: ByteStream,
}

impl Body {
    /// Returns a body that is read while it is sent. A length that is known becomes the header `Content-Length`; a stream of another length is
    /// an error.
    pub fn stream(length: Option<u64>, stream: ByteStream) -> Self {
        let stream = match length {
            Some(length) => exactly(length, stream),
            None => stream,
        };
        Self { whole: Bytes::new(), stream: Some(Streaming { length, stream }) }
    }

    /// Returns the length in bytes; `None` if it is not known.
    pub fn length(&self) -> Option<u64> {
        match &self.stream {
            Some(streaming) => streaming.length,
            None => Some(self.whole.len() as u64),
        }
    }

    /// True if the bytes come as a stream.
    pub fn is_stream(&self) -> bool {
        self.stream.is_some()
    }

    /// Returns the bytes of a whole body. Those of a stream are not there yet: it has none.
    pub fn bytes(&self) -> &Bytes {
        &self.whole
    }

    /// Calls `ended` when the last bytes of a stream were read. A whole body is read at once.
    pub(super) fn on_end(self, ended: impl FnOnce() + Send + 'static) -> Self {
        let Some(Streaming { length, stream }) = self.stream else {
            ended();
            return self;
        };
        let (mut left, mut ended) = (length, Some(ended));
        // HTTP may stop reading at the length, before the stream has said that it ends.
        let mut end = move || ended.take().map_or((), |ended| ended());
        let watched = stream.map(Some).chain(stream::iter([None])).filter_map(move |chunk| {
            let read = chunk.as_ref().and_then(|chunk| chunk.as_ref().ok()).map_or(0, Bytes::len) as u64;
            left = left.map(|left| left.saturating_sub(read));
            if chunk.is_none() || left == Some(0) {
                end();
            }
            std::future::ready(chunk)
        });
        Self { whole: Bytes::new(), stream: Some(Streaming { length, stream: watched.boxed() }) }
    }

    /// Returns the bytes as a stream.
    pub fn into_stream(self) -> ByteStream {
        match self.stream {
            Some(streaming) => streaming.stream,
            None if self.whole.is_empty() => stream::empty().boxed(),
            None => stream::iter([Ok(self.whole)]).boxed(),
        }
    }

    /// Reads the body to its end.
    ///
    /// # Errors
    /// [`StreamError`] if the stream fails, or has more than `max` bytes.
    pub async fn collect(self, max: usize) -> Result<Bytes, StreamError> {
        let Some(Streaming { stream: mut rest, .. }) = self.stream else { return Ok(self.whole) };
        let mut bytes = BytesMut::new();
        while let Some(chunk) = rest.next().await {
            bytes.extend_from_slice(&chunk?);
            if bytes.len() > max {
                return Err(StreamError(format!("more than {max} bytes")));
            }
        }
        Ok(bytes.freeze())
    }
}

/// Returns a stream that fails unless it has so many bytes. Its last chunk comes only when the end is known: HTTP sends no byte behind the
/// `Content-Length`, so that a stream that is too long would be sent without its end.
fn exactly(length: u64, stream: ByteStream) -> ByteStream {
    stream::unfold(Some((length, stream)), |reading| async move {
        let (left, mut stream) = reading?;
        match next_within(left, &mut stream).await {
            Some(Ok(chunk)) => {
                let left = left - chunk.len() as u64;
                Some((Ok(chunk), (left > 0).then_some((left, stream))))
            }
            Some(Err(error)) => Some((Err(error), None)),
            None => None,
        }
    })
    .boxed()
}

/// Returns the next bytes of a stream that has `left` more; `None` if it has none and ends.
async fn next_within(left: u64, stream: &mut ByteStream) -> Option<Result<Bytes, StreamError>> {
    match next_bytes(stream).await {
        Some(Ok(chunk)) if chunk.len() as u64 > left => Some(Err(too_long())),
        Some(Ok(chunk)) if chunk.len() as u64 == left => Some(match next_bytes(stream).await {
            Some(Ok(_)) => Err(too_long()),
            Some(Err(error)) => Err(error),
            None => Ok(chunk),
        }),
        None if left > 0 => Some(Err(StreamError(format!("its last {left} bytes are missing")))),
        next => next,
    }
}

async fn next_bytes(stream: &mut ByteStream) -> Option<Result<Bytes, StreamError>> {
    loop {
        match stream.next().await {
            Some(Ok(chunk)) if chunk.is_empty() => {}
            next => return next,
        }
    }
}

fn too_long() -> StreamError {
    StreamError("it is longer than it was said to be".to_owned())
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        if let Some(streaming) = &mut self.stream {
            return streaming.stream.poll_next_unpin(cx).map(|next| next.map(|chunk| chunk.map(Frame::data)));
        }
        let whole = std::mem::take(&mut self.whole);
        Poll::Ready((!whole.is_empty()).then(|| Ok(Frame::data(whole))))
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_none() && self.whole.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content of a body is not for a log.
        f.debug_struct("Body").field("length", &self.length()).field("is_stream", &self.is_stream()).finish()
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(whole: T) -> Self {
        Self { whole: whole.into(), stream: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(chunks: &'static [&'static str]) -> ByteStream {
        stream::iter(chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())))).boxed()
    }

    #[tokio::test]
    async fn a_stream_of_another_length_fails() {
        for (length, expected) in [(5, Ok("abcde")), (6, Err("its last 1 bytes are missing")), (4, Err("longer"))] {
            let body = Body::stream(Some(length), chunks(&["ab", "", "cde"]));
            assert_eq!(body.length(), Some(length));
            match (body.collect(100).await, expected) {
                (Ok(bytes), Ok(text)) => assert_eq!(bytes, text),
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
                (found, expected) => panic!("{length}: {found:?} and not {expected:?}"),
            }
        }
        assert!(Body::stream(None, chunks(&["abc"])).collect(2).await.is_err());
        assert_eq!(Body::from("abc").into_stream().next().await.unwrap().unwrap(), "abc");
    }
}
