//! Certificates for servers on the loopback interface, made anew by every test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate authority, a server certificate for `127.0.0.1` and `localhost`, and a client
/// certificate, all in PEM.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The authority that signed the others: what a client has to trust.
    pub ca: String,
    /// The server's certificate.
    pub server: String,
    /// The server's key.
    pub server_key: String,
    /// A client's certificate.
    pub client: String,
    /// The client's key.
    pub client_key: String,
}

impl Certificates {
    /// Makes new ones, for `127.0.0.1` and `localhost`.
    ///
    /// # Panics
    ///
    /// When the names in here are no names any more.
    pub fn generate() -> Self {
        Self::for_names(&["127.0.0.1", "localhost"])
    }

    /// Makes new ones, for a server with these names and addresses.
    ///
    /// # Panics
    ///
    /// When one of them cannot be a name.
    pub fn for_names(names: &[&str]) -> Self {
        let ca_key = KeyPair::generate().expect("keys can be made");
        let mut ca = CertificateParams::new(Vec::new()).expect("no names are valid names");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_certificate = ca.self_signed(&ca_key).expect("the parameters are valid");
        let issuer = Issuer::new(ca, ca_key);
        let signed = |names: &[&str]| {
            let key = KeyPair::generate().expect("keys can be made");
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let parameters = CertificateParams::new(names).expect("the names are valid");
            let certificate = parameters.signed_by(&key, &issuer).expect("the issuer can sign");
            (certificate.pem(), key.serialize_pem())
        };
        let (server, server_key) = signed(names);
        let (client, client_key) = signed(&["client"]);
        Self { ca: ca_certificate.pem(), server, server_key, client, client_key }
    }

    /// What a server needs; with `client_auth` it asks for the client certificate.
    pub(crate) fn server_config(&self, client_auth: bool) -> Arc<rustls::ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("the provider has the default versions");
        let read = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("our own PEM");
        let builder = if client_auth {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(read(&self.ca)).expect("our own authority");
            let roots = Arc::new(roots);
            let verifier =
                rustls::server::WebPkiClientVerifier::builder_with_provider(roots, provider)
                    .build()
                    .expect("there is a root");
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::from_pem_slice(self.server_key.as_bytes()).expect("our own PEM");
        let config = builder.with_single_cert(vec![read(&self.server)], key);
        Arc::new(config.expect("the key is the certificate's"))
    }
}
