//! Repositories that are an `index.yaml` and archives behind HTTP.
//!
//! Owns the addresses of both, the conversation about indexes that may be in the cache already, and
//! downloads of archives and their provenance files. Checking archives is left to
//! [`super::Sources`].

use reqwest::header;
use url::Url;

use super::index::{Body, Index, looks_like_a_web_page, malformed, table_of};
use super::transport::{Access, Request, Transport};
use super::{SourceError, Subject};
use crate::cache::{Cache, Validators};
use crate::digest::Sha256;
use crate::repository::{Repository, shown_url};

/// The largest index that is read, in bytes.
const LARGEST_INDEX: u64 = 1 << 30;

/// The largest archive that is read, in bytes: what Helm unpacks at most, so that a packed chart
/// beyond it is of no use.
pub(super) const LARGEST_ARCHIVE: u64 = 100 << 20;

/// The largest provenance file that is read, in bytes.
pub(super) const LARGEST_PROVENANCE: u64 = 1 << 20;

/// A repository's address as a base for others, without user information.
pub(super) fn base_of(repository: &Repository) -> Result<Url, SourceError> {
    let bad = |problem: String| SourceError::BadUrl {
        subject: Subject::Index { repository: repository.name.clone() },
        url: repository.shown_url(),
        problem,
    };
    let mut base = Url::parse(&repository.url).map_err(|error| bad(error.to_string()))?;
    if !matches!(base.scheme(), "http" | "https" | "file") {
        return Err(bad(format!("the scheme `{}` is unknown", base.scheme())));
    }
    strip_user(&mut base);
    let path = format!("{}/", base.path().trim_end_matches('/'));
    base.set_path(&path);
    Ok(base)
}

fn strip_user(url: &mut Url) {
    // Both fail only where there is no user information.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// The absolute form of an address in the index of the repository at `base`, whose query a relative
/// one takes over.
///
/// # Errors
///
/// The parser's words.
pub(super) fn absolute(base: &Url, reference: &str) -> Result<Url, String> {
    let mut url = match Url::parse(reference) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let mut url = base.join(reference).map_err(|error| error.to_string())?;
            url.set_query(base.query());
            url
        }
        Err(error) => return Err(error.to_string()),
    };
    if url.scheme() != "oci" {
        strip_user(&mut url);
    }
    Ok(url)
}

/// The address of an archive for the lock: the query of the repository, which may be a secret, is
/// not part of it.
pub(super) fn for_lock(base: &Url, url: &Url) -> String {
    let mut url = url.clone();
    strip_user(&mut url);
    if base.query().is_some() && url.query() == base.query() {
        url.set_query(None);
    }
    url.to_string()
}

/// The opposite of [`for_lock`].
pub(super) fn from_lock(base: &Url, locked: &str) -> Result<Url, String> {
    let mut url = Url::parse(locked).map_err(|error| error.to_string())?;
    if url.query().is_none() && url.origin() == base.origin() {
        url.set_query(base.query());
    }
    Ok(url)
}

/// The name of a repository's index in the cache. The user counts, because servers may show users
/// different charts; the password does not.
fn index_key(repository: &Repository) -> Sha256 {
    let address = match Url::parse(&repository.url) {
        Ok(mut url) => {
            let _ = url.set_password(None);
            url.to_string()
        }
        Err(_) => shown_url(&repository.url),
    };
    Sha256::of(format!("{address}\n{}", repository.username).as_bytes())
}

/// The current index of a repository, from the cache if the server says that it has not changed.
pub(super) fn index(
    transport: &Transport,
    cache: Option<&Cache>,
    refresh: bool,
    repository: &Repository,
) -> Result<Index, SourceError> {
    let base = base_of(repository)?;
    let subject = Subject::Index { repository: repository.name.clone() };
    let url = absolute(&base, "index.yaml").map_err(|problem| SourceError::BadUrl {
        subject: subject.clone(),
        url: repository.shown_url(),
        problem,
    })?;
    let key = index_key(repository);
    let cached = cache.filter(|_| !refresh || transport.is_offline()).and_then(|c| c.index(&key));
    if transport.is_offline()
        && let Some((index, _)) = cached
    {
        return Ok(index);
    }
    let access = Access::new(repository, &base);
    let mut request = Request::get(subject, url, LARGEST_INDEX);
    request.compressed = true;
    if let Some((_, validators)) = &cached {
        for (name, value) in [
            (header::IF_NONE_MATCH, &validators.etag),
            (header::IF_MODIFIED_SINCE, &validators.last_modified),
        ] {
            request.headers.extend(value.clone().map(|value| (name, value)));
        }
    }
    let response = transport.send(&access, &request)?;
    if response.status.as_u16() == 304
        && let Some((index, _)) = cached
    {
        return Ok(index);
    }
    let response = response.expect_ok(&request, &access)?;
    let validators = Validators {
        etag: response.header(header::ETAG).map(str::to_owned),
        last_modified: response.header(header::LAST_MODIFIED).map(str::to_owned),
    };
    let (table, text) =
        table_of(response.body).map_err(|problem| malformed(problem, repository))?;
    if let Some(cache) = cache {
        // Without room for it the index is downloaded again next time, and nothing else is lost.
        let _ = cache.keep_index(&key, &validators, &table, &text);
    }
    Ok(Index::new(table, Body::Text(text)))
}

/// Downloads an archive.
pub(super) fn archive(
    transport: &Transport,
    access: &Access,
    subject: &Subject,
    url: &Url,
) -> Result<Vec<u8>, SourceError> {
    let mut request = Request::get(subject.clone(), url.clone(), LARGEST_ARCHIVE);
    request.headers.push((header::ACCEPT, "application/gzip,application/octet-stream".to_owned()));
    let body = transport.send(access, &request)?.expect_ok(&request, access)?.body;
    if looks_like_a_web_page(&body) {
        return Err(SourceError::WebPage { subject: subject.clone(), url: request.shown() });
    }
    Ok(body)
}

/// Downloads a file, such as values.
pub(super) fn file(
    transport: &Transport,
    repository: &Repository,
    url: &str,
) -> Result<Vec<u8>, SourceError> {
    let bad = |problem: String| SourceError::BadUrl {
        subject: Subject::File,
        url: shown_url(url),
        problem,
    };
    let parsed = Url::parse(url).map_err(|error| bad(error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(bad(format!("the scheme `{}` is not for files", parsed.scheme())));
    }
    let access = Access::new(repository, &parsed);
    let mut request = Request::get(Subject::File, parsed, LARGEST_ARCHIVE);
    if let Ok(url) = absolute(&request.url, url) {
        request.url = url;
    }
    Ok(transport.send(&access, &request)?.expect_ok(&request, &access)?.body)
}

/// Downloads the provenance file beside an archive; none if there is none.
pub(super) fn provenance(
    transport: &Transport,
    access: &Access,
    subject: Subject,
    archive: &Url,
) -> Result<Option<Vec<u8>>, SourceError> {
    let mut url = archive.clone();
    let path = format!("{}.prov", archive.path());
    url.set_path(&path);
    let request = Request::get(subject, url, LARGEST_PROVENANCE);
    match transport.send(access, &request)?.expect_ok(&request, access) {
        Ok(response) => Ok(Some(response.body)),
        Err(SourceError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_as_helm_joins_them() {
        for (repository, reference, joined) in [
            (
                "https://h.example.com/charts",
                "a-1.0.0.tgz",
                "https://h.example.com/charts/a-1.0.0.tgz",
            ),
            (
                "https://h.example.com/charts/",
                "a-1.0.0.tgz",
                "https://h.example.com/charts/a-1.0.0.tgz",
            ),
            ("https://h.example.com", "charts/a.tgz", "https://h.example.com/charts/a.tgz"),
            ("https://h.example.com/charts", "/a.tgz", "https://h.example.com/a.tgz"),
            ("https://h.example.com/charts", "../a.tgz", "https://h.example.com/a.tgz"),
            ("https://h.example.com/c?t=1", "a.tgz", "https://h.example.com/c/a.tgz?t=1"),
            (
                "https://h.example.com/c?t=1",
                "https://x.example.com/a.tgz",
                "https://x.example.com/a.tgz",
            ),
            ("https://u:p@h.example.com/c", "a.tgz", "https://h.example.com/c/a.tgz"),
            ("https://h.example.com/c", "a-1.0.0+b.tgz", "https://h.example.com/c/a-1.0.0+b.tgz"),
        ] {
            let base = base_of(&Repository::new("r", repository)).unwrap();
            assert_eq!(absolute(&base, reference).unwrap().as_str(), joined);
        }
    }

    #[test]
    fn the_lock_has_no_query_of_the_repository() {
        let base = base_of(&Repository::new("r", "https://h.example.com/c?token=s")).unwrap();
        let url = absolute(&base, "a.tgz").unwrap();
        let locked = for_lock(&base, &url);
        assert_eq!(locked, "https://h.example.com/c/a.tgz");
        assert_eq!(from_lock(&base, &locked).unwrap(), url);
    }

    #[test]
    fn the_password_is_no_part_of_the_key() {
        let key = |url: &str| index_key(&Repository::new("r", url));
        assert_eq!(key("https://a:1@h.example.com"), key("https://a:2@h.example.com"));
        assert_ne!(key("https://a:1@h.example.com"), key("https://b:1@h.example.com"));
        assert_ne!(key("https://h.example.com?r=1"), key("https://h.example.com?r=2"));
    }
}
