//! Discovery between runs: `discovery/HOST-DIGEST.json` in the folder of caches.
//!
//! The digest is of the server's URL and its certificate authority, so that two clusters behind one
//! address do not share an entry. An entry is as old as its file. Whatever is wrong with the cache,
//! the server is asked instead.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::catalogue::Catalogue;
use crate::config::normalise;
use crate::transport::Transport;

const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry<C> {
    version: u32,
    server: String,
    catalogue: C,
}

pub(super) fn read(transport: &Transport) -> Option<Catalogue> {
    let path = path(transport)?;
    let age = fs_err::metadata(&path).ok()?.modified().ok()?.elapsed().ok()?;
    if age > transport.options().cache_ttl {
        return None;
    }
    let text = fs_err::read(&path).ok()?;
    let entry: Entry<Catalogue> = serde_json::from_slice(&text).ok()?;
    let known = entry.version == FORMAT && entry.server == server(transport);
    // What did not answer then may do so now.
    (known && entry.catalogue.incomplete.is_empty()).then_some(entry.catalogue)
}

pub(super) fn write(transport: &Transport, catalogue: &Catalogue) {
    let Some(path) = path(transport) else { return };
    let Some(folder) = path.parent() else { return };
    let entry = Entry { version: FORMAT, server: server(transport), catalogue };
    let write = || -> std::io::Result<()> {
        fs_err::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(std::io::BufWriter::new(file.as_file()), &entry)?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    // The next run asks the server again.
    let _ = write();
}

fn server(transport: &Transport) -> String {
    normalise(&transport.target().server)
}

fn path(transport: &Transport) -> Option<PathBuf> {
    let folder = transport.options().cache.as_ref()?;
    let server = server(transport);
    let entry = &transport.target().cluster_entry;
    let mut digest = Sha256::new();
    digest.update(&server);
    digest.update([0]);
    digest.update(&entry.authority_data);
    if let Some(path) = &entry.authority {
        digest.update(path.as_os_str().as_encoded_bytes());
    }
    let digest = format!("{:x}", digest.finalize());
    let digest = &digest[..16];
    let host: String = server
        .split_once("://")
        .map_or(server.as_str(), |(_, rest)| rest)
        .chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' })
        .collect();
    Some(folder.join("discovery").join(format!("{host}-{digest}.json")))
}
