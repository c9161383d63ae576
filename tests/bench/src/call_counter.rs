//! An HTTP client for the AWS SDK that counts its calls.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
struct CountingConnector {
    inner: SharedHttpConnector,
    calls: Arc<AtomicUsize>,
}

impl HttpConnector for CountingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.call(request)
    }
}

/// Returns a client without TLS that increments `calls` per call.
pub fn counting_client(calls: Arc<AtomicUsize>) -> SharedHttpClient {
    let plain = engine::aws::connector(engine::http::Http::client());
    http_client_fn(move |settings, components| {
        let inner = plain.http_connector(settings, components);
        SharedHttpConnector::new(CountingConnector { inner, calls: Arc::clone(&calls) })
    })
}
