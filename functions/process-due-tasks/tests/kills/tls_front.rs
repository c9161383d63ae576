//! A TLS server before a proxy, which can hold the handshakes of its clients: a process is then frozen while it connects.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// The TLS server of one process.
#[derive(Debug)]
pub(crate) struct TlsFront {
    pub(crate) url: String,
    /// The PEM file of the authority of its certificate.
    pub(crate) authority: PathBuf,
    /// The number of connections so far.
    accepted: watch::Receiver<usize>,
    /// True once handshakes are answered.
    answers: watch::Sender<bool>,
    _server: JoinSet<()>,
}

impl TlsFront {
    /// Starts a server before the proxy at `target`. It answers no handshake before [`TlsFront::release`] if it `holds` them.
    pub(crate) async fn start(target: &str, holds: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, authority) = local_tls(port);
        let (accepting, accepted) = watch::channel(0);
        let answers = watch::Sender::new(!holds);
        let (waiting, target) = (answers.subscribe(), target.trim_start_matches("http://").to_owned());
        let mut server = JoinSet::new();
        server.spawn(async move {
            while let Ok((incoming, _)) = listener.accept().await {
                accepting.send_modify(|count| *count += 1);
                let (mut waiting, acceptor, target) = (waiting.clone(), acceptor.clone(), target.clone());
                // It outlives the server: what its client has written arrives.
                tokio::spawn(async move {
                    waiting.wait_for(|answers| *answers).await.ok()?;
                    let mut incoming = acceptor.accept(incoming).await.ok()?;
                    let mut outgoing = TcpStream::connect(target).await.ok()?;
                    tokio::io::copy_bidirectional(&mut incoming, &mut outgoing).await.ok()
                });
            }
        });
        Self { url: format!("https://localhost:{port}"), authority, accepted, answers, _server: server }
    }

    /// Waits for a number of connections.
    pub(crate) async fn wait_for_connections(&self, count: usize) {
        self.accepted.clone().wait_for(|accepted| *accepted >= count).await.unwrap();
    }

    /// Answers the handshakes that were held, and all later ones.
    pub(crate) fn release(&self) {
        self.answers.send_replace(true);
    }
}

/// Returns a server's TLS for `localhost`, below an authority of its own, and the file of the authority.
fn local_tls(port: u16) -> (TlsAcceptor, PathBuf) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let authority = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kills-{port}.pem"));
    std::fs::write(&authority, issuer.pem()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), authority)
}
