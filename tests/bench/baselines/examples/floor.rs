//! The lower bound: a loop over two raw sockets, one to the Runtime API and one to DynamoDB. For each event it sends the request
//! in `DYNAMODB_CALL` (`<operation> <body>`) and responds with the store's response. No library can cost less.
#![expect(clippy::disallowed_methods, reason = "a separate program, which has no `config`")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A kept-alive HTTP connection.
struct HttpConnection {
    host: String,
    stream: BufReader<TcpStream>,
}

/// A response's invocation id, if it has one, and its body.
struct HttpResponse {
    id: String,
    body: Vec<u8>,
}

impl HttpConnection {
    fn connect(host: String) -> io::Result<Self> {
        let stream = TcpStream::connect(&host)?;
        stream.set_nodelay(true)?;
        Ok(Self { host, stream: BufReader::new(stream) })
    }

    fn request(&mut self, line: &str, headers: &str, body: &[u8]) -> io::Result<HttpResponse> {
        let head = format!("{line} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{headers}\r\n", self.host, body.len());
        self.stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let (mut id, mut length) = (String::new(), 0);
        loop {
            let mut header = String::new();
            self.stream.read_line(&mut header)?;
            match header.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().map_err(io::Error::other)?;
                }
                Some((name, value)) if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") => {
                    value.clone_into(&mut id);
                }
                None if header.len() <= 2 => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(HttpResponse { id, body })
    }
}

fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(io::Error::other)
}

fn main() -> io::Result<()> {
    let mut runtime = HttpConnection::connect(variable("AWS_LAMBDA_RUNTIME_API")?)?;
    let endpoint = variable("AWS_ENDPOINT_URL_DYNAMODB")?;
    let mut dynamodb = HttpConnection::connect(endpoint.trim_start_matches("http://").to_owned())?;
    let call = variable("DYNAMODB_CALL")?;
    let (operation, body) = call.split_once(' ').unwrap_or_default();
    let headers = format!(
        "x-amz-target: DynamoDB_20120810.{operation}\r\ncontent-type: application/x-amz-json-1.0\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, \
         SignedHeaders=host, Signature=0\r\n"
    );
    loop {
        let event = runtime.request("GET /2018-06-01/runtime/invocation/next", "", b"")?;
        let items = dynamodb.request("POST /", &headers, body.as_bytes())?;
        let reply = format!("{{\"statusCode\":200,\"body\":{:?}}}", String::from_utf8_lossy(&items.body));
        let path = format!("POST /2018-06-01/runtime/invocation/{}/response", event.id);
        runtime.request(&path, "content-type: application/json\r\n", reply.as_bytes())?;
    }
}
