//! Setting up the connection: certificates, proxy, credentials.
//!
//! The `kube` crate brings TLS, tunnels and the pool; which proxy is used, and when something is
//! sent again, is decided here.

use http::{HeaderValue, Uri};
use kube::config::AuthInfo;
use kube::{Client, Config};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use url::Url;

use crate::cluster::ClusterOptions;
use crate::config::{Target, shown};
use crate::error::LoginError;
use crate::login::{self, Credentials};

/// A pool of connections, with what is shown to the server.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) authorization: Option<HeaderValue>,
    pub(super) renewable: bool,
    /// The proxy, without credentials; empty for none.
    pub(super) proxy: String,
}

impl Connection {
    pub(super) fn new(target: &Target, options: &ClusterOptions) -> Result<Self, LoginError> {
        // Another provider may be there already; then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let credentials = login::credentials(target, options)?;
        let (config, proxy) = config(target, options, &credentials)?;
        let client = Client::try_from(config).map_err(|error| setup(target, &error))?;
        Ok(Self {
            client,
            authorization: credentials.authorization,
            renewable: credentials.renewable,
            proxy,
        })
    }
}

fn setup(target: &Target, error: &dyn std::error::Error) -> LoginError {
    LoginError::Setup { server: target.server.clone(), problem: renga_diag::chain(error) }
}

fn problem(target: &Target, problem: impl Into<String>) -> LoginError {
    LoginError::Setup { server: target.server.clone(), problem: problem.into() }
}

fn config(
    target: &Target,
    options: &ClusterOptions,
    credentials: &Credentials,
) -> Result<(Config, String), LoginError> {
    let entry = &target.cluster_entry;
    let authority = login::authority(target)?;
    let server = if entry.server.contains("://") {
        entry.server.clone()
    } else {
        // As client-go: TLS where anything of it is configured.
        let tls = authority.is_some() || entry.insecure || credentials.identity.is_some();
        format!("{}://{}", if tls { "https" } else { "http" }, entry.server)
    };
    let url = Url::parse(&server)
        .map_err(|error| problem(target, format!("`server` is no URL: {error}")))?;
    let uri: Uri =
        server.parse().map_err(|error| problem(target, format!("`server` is no URL: {error}")))?;
    let mut config = Config::new(uri);
    config.default_retry = false;
    config.connect_timeout = Some(options.timeouts.connect);
    config.disable_compression = entry.disable_compression;
    config.accept_invalid_certs = entry.insecure;
    if let Some(pem) = authority
        && !entry.insecure
    {
        let certificates: Result<Vec<Vec<u8>>, _> = CertificateDer::pem_slice_iter(&pem)
            .map(|certificate| certificate.map(|der| der.as_ref().to_vec()))
            .collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => config.root_cert = Some(certificates),
            Ok(_) => return Err(authority_problem(target, "there is no certificate in it")),
            Err(_) => return Err(authority_problem(target, "it is no PEM")),
        }
    }
    if !entry.tls_server_name.is_empty() {
        config.tls_server_name = Some(entry.tls_server_name.clone());
    }
    let proxy = if entry.proxy_url.is_empty() {
        options.proxies.proxy_for(&url)
    } else {
        Some(entry.proxy_url.clone())
    };
    if let Some(proxy) = &proxy {
        let uri = proxy
            .parse()
            .map_err(|_| problem(target, format!("the proxy `{}` is no URL", shown(proxy))))?;
        config.proxy_url = Some(uri);
        let scheme = proxy.split_once("://").map_or("", |(scheme, _)| scheme);
        if !["http", "https", "socks5"].contains(&scheme) {
            return Err(problem(
                target,
                format!("the proxy `{}` is neither http, https nor socks5", shown(proxy)),
            ));
        }
    }
    config.auth_info = auth_info(target, credentials)?;
    Ok((config, proxy.as_deref().map(shown).unwrap_or_default()))
}

fn authority_problem(target: &Target, problem: &str) -> LoginError {
    LoginError::Field {
        owner: format!("cluster `{}`", target.cluster),
        field: "certificate-authority-data",
        problem: problem.into(),
    }
}

/// What is left to the `kube` crate: the client's certificate and impersonation.
fn auth_info(target: &Target, credentials: &Credentials) -> Result<AuthInfo, LoginError> {
    let user = &target.user_entry;
    let mut info = json!({});
    if let Some((certificate, key)) = &credentials.identity {
        info["client-certificate-data"] = certificate.clone().into();
        info["client-key-data"] = key.expose().into();
    }
    if !user.impersonate.is_empty() {
        info["as"] = user.impersonate.clone().into();
    }
    if !user.impersonate_uid.is_empty() {
        info["as-uid"] = user.impersonate_uid.clone().into();
    }
    if !user.impersonate_groups.is_empty() {
        info["as-groups"] = json!(user.impersonate_groups);
    }
    if !user.impersonate_extra.is_empty() {
        info["as-user-extra"] = json!(user.impersonate_extra);
    }
    serde_json::from_value(info).map_err(|_| problem(target, "its credentials are not text"))
}
