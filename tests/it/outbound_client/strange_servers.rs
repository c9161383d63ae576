//! Servers that close, speak out of turn or answer early, also while the client's process stands still.
//!
//! Each connection is served by a thread, and the client's runtime has one: while a test waits for a server, the client learns nothing
//! of its sockets, like a function that is frozen between two invocations.

use engine::http::{Http, HttpError, Request, Response};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio::time::timeout;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/// The response of a proxy to a connection that was idle for too long.
const STRAY: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n";

/// Starts a server. `serve` has the number of the connection, from 0.
fn start(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(number, stream.unwrap()));
        }
    });
    url
}

fn request(url: &str) -> Request {
    http::Request::post(url).body("hello".into()).unwrap()
}

/// Reads a request with its whole body. Returns false at the end of the connection.
fn read_request(stream: &mut TcpStream) -> bool {
    let (mut request, mut buffer) = (vec![], [0; 4096]);
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        request.extend_from_slice(&buffer[..count]);
        if request.ends_with(b"\r\n\r\nhello") {
            return true;
        }
    }
    false
}

/// Answers every request of a connection.
fn answer_all(stream: &mut TcpStream) {
    while read_request(stream) {
        stream.write_all(OK).unwrap();
    }
}

fn is_ok(response: &Result<Response, HttpError>) -> bool {
    response.as_ref().is_ok_and(|response| response.body().bytes() == "ok")
}

/// Lets the client's tasks come to rest.
async fn run_tasks() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// A server whose first connection ends its first exchange with `last_words`, after the client has come to rest. Returns the answer to
/// the request after that.
async fn after_last_words(last_words: &'static [u8], closes: bool) -> Result<Response, HttpError> {
    let ((go, goes), (spoken, speaks)) = (channel::<()>(), channel());
    let goes = Mutex::new(goes);
    let url = start(move |number, mut stream| {
        if number == 0 && read_request(&mut stream) {
            stream.write_all(OK).unwrap();
            goes.lock().unwrap().recv().unwrap();
            stream.write_all(last_words).unwrap();
            if closes {
                stream.shutdown(Shutdown::Both).unwrap();
            }
            spoken.send(()).unwrap();
        }
        answer_all(&mut stream);
    });
    let http = Http::client();
    let first = http.send(request(&url)).await;
    assert!(is_ok(&first), "{first:?}");
    run_tasks().await;
    go.send(()).unwrap();
    // The process stands still meanwhile.
    speaks.recv().unwrap();
    http.send(request(&url)).await
}

#[tokio::test]
async fn a_connection_that_was_closed_during_a_freeze_is_not_used_again() {
    let next = after_last_words(b"", true).await;
    assert!(is_ok(&next), "{next:?}");
}

#[tokio::test]
async fn a_response_to_no_request_is_not_taken_for_that_of_the_next_one() {
    for closes in [false, true] {
        let next = after_last_words(STRAY, closes).await;
        assert!(is_ok(&next), "{closes}: {next:?}");
    }
}

#[tokio::test]
async fn two_responses_at_once_are_not_those_of_two_requests() {
    let url = start(|number, mut stream| {
        if number == 0 && read_request(&mut stream) {
            stream.write_all(&[OK, STRAY].concat()).unwrap();
        }
        answer_all(&mut stream);
    });
    let http = Http::client();
    for _ in 0..2 {
        let response = http.send(request(&url)).await;
        assert!(is_ok(&response), "{response:?}");
    }
}

#[tokio::test]
async fn a_connection_with_a_part_of_an_answered_request_is_not_used_again() {
    let (answered, stays) = channel::<()>();
    let stays = Mutex::new(stays);
    let url = start(move |number, mut stream| {
        if number > 0 {
            return answer_all(&mut stream);
        }
        stream.read_exact(&mut [0; 64]).unwrap();
        stream.write_all(OK).unwrap();
        // The rest of the request is never read.
        let _: Result<(), _> = stays.lock().unwrap().recv();
    });
    let http = Http::client();
    let large = http::Request::post(&url).body(vec![b'x'; 32 << 20].into()).unwrap();
    let response = http.send(large).await;
    assert!(is_ok(&response), "{response:?}");
    let next = timeout(Duration::from_secs(5), http.send(request(&url))).await.expect("in time");
    assert!(is_ok(&next), "{next:?}");
    drop(answered);
}

#[tokio::test]
async fn a_response_is_read_in_every_framing() {
    let long = format!("HTTP/1.1 200 OK\r\n{}content-length: 2\r\n\r\nok", "x-header: value\r\n".repeat(90));
    let flood = format!("HTTP/1.1 200 OK\r\n{}content-length: 2\r\n\r\nok", "x-header: value\r\n".repeat(500));
    for (text, is_readable) in [
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", true),
        ("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", true),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1;a=b\r\nk\r\n0\r\nx-trailer: y\r\n\r\n",
            true,
        ),
        ("HTTP/1.0 200 OK\r\n\r\nok", true),
        (&long, true),
        (&flood, false),
        ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", false),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 1\r\n\r\nok", false),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", false),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nok\r\n", false),
        ("220 mail.example ESMTP\r\n", false),
        ("", false),
    ] {
        let sent = text.to_owned();
        let url = start(move |_, mut stream| {
            if read_request(&mut stream) {
                stream.write_all(sent.as_bytes()).unwrap();
            }
        });
        let response = Http::client().send(request(&url)).await;
        let start = &text[..text.len().min(60)];
        match is_readable {
            true => assert!(is_ok(&response), "{start}: {response:?}"),
            // The server has read the request.
            false => assert!(matches!(response, Err(HttpError::Lost(_))), "{start}: {response:?}"),
        }
    }
}

#[tokio::test]
async fn a_response_without_a_body_leaves_its_connection() {
    let (opened, opens) = channel();
    let url = start(move |_, mut stream| {
        opened.send(()).unwrap();
        let answers: [&[u8]; 3] =
            [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", OK];
        for answer in answers {
            if read_request(&mut stream) {
                stream.write_all(answer).unwrap();
            }
        }
    });
    let http = Http::client();
    for status in [204, 304, 200] {
        assert_eq!(http.send(request(&url)).await.unwrap().status(), status);
    }
    assert_eq!(opens.try_iter().count(), 1);
}
