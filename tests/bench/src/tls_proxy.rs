//! A TLS proxy for the store on the loopback, with a certificate authority generated per run.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::Result;

/// A TLS proxy that runs until the process ends.
#[derive(Debug)]
pub struct TlsProxy {
    /// The proxy's `https` URL.
    pub url: String,
    /// The PEM file of the certificate authority.
    pub ca_file: PathBuf,
}

impl TlsProxy {
    /// Starts a proxy to `target` (`host:port`) and writes the authority's certificate into `folder`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn start(target: &str, folder: &Path) -> Result<Self> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // A distinct name: Node treats a certificate whose issuer has the same name as self-signed.
        params.distinguished_name.push(DnType::CommonName, "bench authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        let ca_file = folder.join("authority.pem");
        std::fs::write(&ca_file, issuer.pem())?;

        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("https://localhost:{}", listener.local_addr()?.port());
        tokio::spawn(accept_connections(listener, TlsAcceptor::from(Arc::new(config)), target.to_owned()));
        Ok(Self { url, ca_file })
    }
}

async fn accept_connections(listener: TcpListener, acceptor: TlsAcceptor, target: String) {
    while let Ok((incoming, _)) = listener.accept().await {
        let (acceptor, target) = (acceptor.clone(), target.clone());
        tokio::spawn(async move {
            // A broken connection is an error of the client.
            let _ = proxy_connection(acceptor, incoming, &target).await;
        });
    }
}

async fn proxy_connection(acceptor: TlsAcceptor, incoming: TcpStream, target: &str) -> std::io::Result<()> {
    incoming.set_nodelay(true)?;
    let mut incoming = acceptor.accept(incoming).await?;
    let mut outgoing = TcpStream::connect(target).await?;
    outgoing.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut incoming, &mut outgoing).await.map(|_| ())
}
