//! Which proxy a cluster is reached through, by the rules of Go's `net/http`, which kubectl follows.
//!
//! Pure. Reading the variables is the binary's part.

use std::net::IpAddr;

use url::{Host, Url};

/// The proxies to use, with the meaning that the variables of the same names have for kubectl. A
/// `proxy-url` of the kubeconfig comes before them, and no `NO_PROXY` applies to it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http://` (`HTTP_PROXY`); empty for none.
    pub http: String,
    /// For `https://` (`HTTPS_PROXY`); empty for none.
    pub https: String,
    /// Where not to use them (`NO_PROXY`).
    pub no_proxy: String,
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &shown(&self.http))
            .field("https", &shown(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// A proxy's URL without credentials.
pub(crate) fn shown(proxy: &str) -> String {
    match proxy.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before.split_once("://").map(|(scheme, _)| format!("{scheme}://"));
            format!("{}{host}", scheme.unwrap_or_default())
        }
        None => proxy.to_owned(),
    }
}

impl Proxies {
    /// The proxy for `server`; none to go there directly.
    pub(crate) fn proxy_for(&self, server: &Url) -> Option<String> {
        let proxy = match server.scheme() {
            "http" => self.http.trim(),
            "https" => self.https.trim(),
            _ => "",
        };
        if proxy.is_empty() || !self.applies_to(server) {
            return None;
        }
        Some(if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") })
    }

    fn applies_to(&self, server: &Url) -> bool {
        let Some(host) = server.host() else { return true };
        let port = server.port_or_known_default();
        let (name, address) = match host {
            Host::Domain(name) => (name.trim_end_matches('.').to_ascii_lowercase(), None),
            Host::Ipv4(address) => (address.to_string(), Some(IpAddr::V4(address))),
            Host::Ipv6(address) => (address.to_string(), Some(IpAddr::V6(address))),
        };
        if name == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return false;
        }
        !self
            .no_proxy
            .split(',')
            .map(|entry| entry.trim().to_ascii_lowercase())
            .filter(|entry| !entry.is_empty())
            .any(|entry| covers(&entry, &name, address, port))
    }
}

/// Whether an entry of `NO_PROXY` means this host.
fn covers(entry: &str, name: &str, address: Option<IpAddr>, port: Option<u16>) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>())
    {
        return address.is_some_and(|address| in_network(address, network, bits));
    }
    let (host, entry_port) = split_port(entry);
    if entry_port.is_some() && entry_port != port {
        return false;
    }
    if let Ok(entry) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(entry);
    }
    // `example.com` is the host and all below it, `.example.com` only what is below it.
    let host = host.strip_prefix("*.").map_or_else(|| host.to_owned(), |below| format!(".{below}"));
    match host.strip_prefix('.') {
        Some(_) => name.ends_with(&host),
        None => name == host || name.strip_suffix(&host).is_some_and(|rest| rest.ends_with('.')),
    }
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    // An address of version 6 has colons of its own.
    if let Some((host, port)) = entry.rsplit_once(':')
        && (!host.contains(':') || host.ends_with(']'))
        && let Ok(port) = port.parse()
    {
        return (host, Some(port));
    }
    (entry, None)
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Proxies, shown};

    fn through(no_proxy: &str, server: &str) -> bool {
        let proxies = Proxies {
            https: "proxy.example.com:3128".into(),
            no_proxy: no_proxy.into(),
            ..Proxies::default()
        };
        proxies.proxy_for(&Url::parse(server).unwrap()).is_some()
    }

    #[test]
    fn no_proxy_is_about_the_cluster() {
        assert!(through("", "https://api.example.com:6443"));
        assert!(!through("api.example.com", "https://api.example.com:6443"));
        assert!(!through("api.example.com:6443", "https://api.example.com:6443"));
        assert!(through("api.example.com:443", "https://api.example.com:6443"));
        assert!(!through("example.com,", "https://api.example.com"));
        assert!(!through(".example.com", "https://api.example.com"));
        assert!(through(".api.example.com", "https://api.example.com"));
        assert!(!through("10.0.0.0/8", "https://10.1.2.3:6443"));
        assert!(through("10.0.0.0/8", "https://11.1.2.3:6443"));
        assert!(!through("*", "https://11.1.2.3:6443"));
        // The proxy's own name says nothing.
        assert!(through("proxy.example.com", "https://11.1.2.3:6443"));
    }

    #[test]
    fn this_machine_is_never_reached_through_a_proxy() {
        assert!(!through("", "https://127.0.0.1:6443"));
        assert!(!through("", "https://localhost"));
        assert!(!through("", "https://[::1]:6443"));
    }

    #[test]
    fn credentials_of_a_proxy_are_not_shown() {
        assert_eq!(shown("http://me:secret@proxy.example.com:1"), "http://proxy.example.com:1");
        assert_eq!(shown("me:secret@proxy.example.com:1"), "proxy.example.com:1");
        let proxies = Proxies { https: "http://u:pw@p.example.com".into(), ..Proxies::default() };
        assert!(!format!("{proxies:?}").contains("pw"));
    }
}
