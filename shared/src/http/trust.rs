//! Trusted certificate authorities.

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};

/// Trusted certificate authorities: Mozilla's public ones, which are constants of the binary, and any that a deployment adds.
///
/// The system's own store is not read: parsing its 140 certificates is 18 million instructions for each HTTP stack of a cold
/// start, and an image may have none. AWS, the providers and nearly every issuer of tokens have certificates of Mozilla's
/// authorities. A deployment behind a proxy that terminates TLS, or with a private issuer, names the authority in
/// `PLUGIN_ENGINE_CA_FILE`. The setting is not `SSL_CERT_FILE`, so that no variable of the image adds an authority unnoticed.
#[derive(Clone, Debug)]
pub struct TrustStore(Vec<CertificateDer<'static>>);

impl TrustStore {
    /// Returns the public authorities.
    pub fn public() -> Self {
        Self(Vec::new())
    }

    /// Returns the public authorities and those of a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub fn with_file(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::public()) };
        let invalid = |reason: String| Error::internal(format!("PLUGIN_ENGINE_CA_FILE, {}: {reason}", file.display()));
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = read.map_err(|error| invalid(error.to_string()))?;
        if certificates.is_empty() {
            Err(invalid("contains no certificate".to_owned()))
        } else {
            Ok(Self(certificates))
        }
    }

    /// Returns a client's TLS settings: TLS 1.2 and 1.3, with the library's defaults.
    pub(super) fn tls_config(self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in self.0 {
            roots.add(certificate)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        Ok(config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_without_a_certificate_is_refused() {
        for file in ["Cargo.toml", "no/such/file.pem"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            assert!(TrustStore::with_file(Some(&path)).is_err(), "{file}");
        }
        assert!(TrustStore::public().tls_config().is_ok());
    }
}
