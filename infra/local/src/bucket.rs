//! The bucket of files: S3 over a folder, with its own port. `s3s` speaks the protocol and verifies the signatures.
//!
//! It has no lifecycle: an upload stays until the engine or its owner deletes it, or the folder is removed.

mod folder;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use sandbox::loopback;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::environment::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use crate::failure::{Context as _, Result};
use crate::gateway::Cors;
use folder::Folder;

/// The bucket's name.
pub const NAME: &str = "plugin-engine-local-files";

/// A running bucket. Dropping it closes the port.
#[derive(Debug)]
pub struct Bucket {
    /// The endpoint.
    pub url: String,
    server: JoinHandle<()>,
    /// The folder to be removed at the end.
    temporary: Option<PathBuf>,
}

/// The location of the objects.
#[derive(Clone, Debug)]
pub enum BucketLocation {
    /// A folder that is removed when the bucket stops.
    Temporary(PathBuf),
    /// A folder that the next bucket finds.
    Persistent(PathBuf),
}

#[derive(Debug)]
struct Site {
    service: S3Service,
    cors: Cors,
    port: u16,
}

impl Bucket {
    /// Serves the objects in a folder on `listener`.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub(crate) fn start(listener: TcpListener, location: BucketLocation, cors: Cors) -> Result<Self> {
        let (path, temporary) = match location {
            BucketLocation::Temporary(path) => (path.clone(), Some(path)),
            BucketLocation::Persistent(path) => (path, None),
        };
        fs::create_dir_all(&path).context(path.display())?;
        let address = listener.local_addr().context("the bucket's address")?;
        let mut builder = S3ServiceBuilder::new(Folder::new(path));
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let site = Site { service: builder.build(), cors, port: address.port() };
        let router = Router::new().fallback(serve).with_state(Arc::new(site));
        let server = tokio::spawn(async {
            // The server runs until its task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url: format!("http://{address}"), server, temporary })
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.server.abort();
        if let Some(folder) = &self.temporary {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

async fn serve(State(site): State<Arc<Site>>, request: Request) -> Response {
    if let Err(refused) = loopback::check_host(request.headers(), site.port) {
        return (refused.status, refused.reason).into_response();
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return site.cors.preflight(origin.as_ref());
    }
    let mut response = match site.service.clone().oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")).into_response(),
    };
    site.cors.apply(origin.as_ref(), &mut response);
    response
}

#[cfg(test)]
mod tests;
