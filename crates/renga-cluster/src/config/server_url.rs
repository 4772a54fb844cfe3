//! When two URLs mean the same server.

use url::Url;

/// The URL in one form: scheme and host in lower case, no default port, no slash at the end, no
/// credentials. What is no URL stays as it is.
pub(crate) fn normalise(server: &str) -> String {
    let server = server.trim();
    let with_scheme =
        if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    let Ok(url) = Url::parse(&with_scheme) else { return server.to_owned() };
    let Some(host) = url.host_str() else { return server.to_owned() };
    let host = host.trim_end_matches('.');
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}{}", url.scheme(), url.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn spelling_does_not_matter() {
        for same in [
            "https://api.example.com",
            "https://api.example.com/",
            "HTTPS://API.example.com:443",
            "api.example.com",
            " https://api.example.com:443/ ",
        ] {
            assert_eq!(normalise(same), "https://api.example.com", "{same}");
        }
        assert_eq!(normalise("https://[::1]:6443"), "https://[::1]:6443");
        assert_eq!(normalise("https://a.example.com/k8s/c-1/"), "https://a.example.com/k8s/c-1");
    }

    #[test]
    fn everything_else_does() {
        let different = [
            "http://1.2.3.4",
            "https://1.2.3.4",
            "https://1.2.3.45",
            "https://1.2.3.4:6443",
            "https://1.2.3.4/path",
            "https://1.2.3.4/PATH",
            "not a url",
        ];
        for (index, a) in different.iter().enumerate() {
            for b in &different[index + 1..] {
                assert_ne!(normalise(a), normalise(b), "{a} {b}");
            }
        }
    }
}
