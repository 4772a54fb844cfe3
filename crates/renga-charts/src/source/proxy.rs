//! Which proxy a request goes through, by the rules of Go's `net/http`.
//!
//! Pure. Reading the variables of the environment is the binary's part.

use std::net::IpAddr;

use url::{Host, Url};

use crate::repository::shown_url;

/// The proxies to use, with the meaning and the rules that the variables of the same names have for
/// Helm.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// For `http://` (`HTTP_PROXY`); empty for none.
    pub http: String,
    /// For `https://` (`HTTPS_PROXY`); empty for none.
    pub https: String,
    /// Where not to use them (`NO_PROXY`).
    pub no_proxy: String,
}

impl std::fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxySettings")
            .field("http", &shown_url(&self.http))
            .field("https", &shown_url(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl ProxySettings {
    /// The proxy for `url`; none to go there directly.
    pub(crate) fn proxy_for(&self, url: &Url) -> Option<String> {
        let proxy = match url.scheme() {
            "http" => self.http.trim(),
            "https" => self.https.trim(),
            _ => "",
        };
        if proxy.is_empty() || !self.applies_to(url) {
            return None;
        }
        Some(if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") })
    }

    fn applies_to(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return true };
        let port = url.port_or_known_default();
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

    use super::ProxySettings;

    fn proxy(no_proxy: &str, url: &str) -> Option<String> {
        let settings = ProxySettings {
            http: "proxy.example.com:3128".to_owned(),
            https: "https://me:secret@proxy.example.com".to_owned(),
            no_proxy: no_proxy.to_owned(),
        };
        settings.proxy_for(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_scheme_of_the_request_decides() {
        let plain = proxy("", "http://charts.example.com/");
        assert_eq!(plain.as_deref(), Some("http://proxy.example.com:3128"));
        let secure = proxy("", "https://charts.example.com/");
        assert_eq!(secure.as_deref(), Some("https://me:secret@proxy.example.com"));
    }

    #[test]
    fn hosts_are_left_out_as_go_leaves_them_out() {
        for (no_proxy, url, direct) in [
            ("", "http://localhost:8080/", true),
            ("", "http://127.0.0.1/", true),
            ("", "http://[::1]/", true),
            ("*", "http://a.example.com/", true),
            ("example.com", "http://example.com/", true),
            ("example.com", "http://a.example.com/", true),
            ("example.com", "http://badexample.com/", false),
            (".example.com", "http://example.com/", false),
            (".example.com", "http://a.example.com/", true),
            ("*.example.com", "http://a.example.com/", true),
            ("*.example.com", "http://example.com/", false),
            ("other.com, EXAMPLE.com ,", "http://Example.COM/", true),
            ("example.com:8080", "http://example.com:8080/", true),
            ("example.com:8080", "http://example.com/", false),
            ("example.com:443", "https://example.com/", true),
            ("10.0.0.0/8", "http://10.1.2.3/", true),
            ("10.0.0.0/8", "http://11.1.2.3/", false),
            ("10.1.2.3", "http://10.1.2.3/", true),
            ("fd00::/8", "http://[fd12::1]/", true),
            ("fd12::1", "http://[fd12::1]:81/", true),
            ("[fd12::1]:80", "http://[fd12::1]/", true),
            ("0.0.0.0/0", "http://9.9.9.9/", true),
            ("0.0.0.0/0", "http://example.com/", false),
        ] {
            assert_eq!(proxy(no_proxy, url).is_none(), direct, "{no_proxy} {url}");
        }
    }

    #[test]
    fn debug_output_has_no_secrets() {
        let settings = ProxySettings {
            https: "https://me:secret@p.example.com".to_owned(),
            ..Default::default()
        };
        assert!(!format!("{settings:?}").contains("secret"));
    }
}
