//! Which kinds the server knows: from its aggregated discovery, or the older one, kept between runs.
//!
//! [`Kinds`] finds the resource behind an `apiVersion` and a `kind`. What was kept on disk is asked
//! for anew as soon as a kind is not in it.

mod cache;
mod catalogue;
mod fetch;
mod soon;

use std::sync::Arc;

use renga_manifest::Manifest;

use catalogue::Catalogue;
pub(crate) use catalogue::Resource;
pub(crate) use soon::{Soon, is_definition, is_namespace};

use crate::error::{ObjectError, RequestError};
use crate::observer::Event;
use crate::transport::Session;

/// The kinds of one server.
#[derive(Default)]
pub(crate) struct Kinds {
    known: tokio::sync::Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    catalogue: Arc<Catalogue>,
    /// Whether the server said so in this question.
    fresh: bool,
}

impl Kinds {
    /// A new question: what is known is old.
    pub(crate) async fn age(&self) {
        if let Some(known) = &mut *self.known.lock().await {
            known.fresh = false;
        }
    }

    /// All kinds, perhaps from an earlier run.
    pub(crate) async fn all(&self, session: &Session<'_>) -> Result<Arc<Catalogue>, RequestError> {
        let mut known = self.known.lock().await;
        if let Some(known) = &*known {
            return Ok(known.catalogue.clone());
        }
        if let Some(catalogue) = cache::read(session.transport) {
            let catalogue = Arc::new(catalogue);
            *known = Some(Known { catalogue: catalogue.clone(), fresh: false });
            return Ok(catalogue);
        }
        load(&mut known, session).await
    }

    /// All kinds, as the server says in this question.
    pub(crate) async fn fresh(
        &self,
        session: &Session<'_>,
    ) -> Result<Arc<Catalogue>, RequestError> {
        let mut known = self.known.lock().await;
        match &*known {
            Some(Known { catalogue, fresh: true }) => Ok(catalogue.clone()),
            _ => load(&mut known, session).await,
        }
    }

    /// The resource of a kind; asks the server where it is not known.
    pub(crate) async fn find(
        &self,
        session: &Session<'_>,
        manifest: &Manifest,
    ) -> Result<Resource, ObjectError> {
        let (api_version, kind) = (manifest.api_version(), manifest.kind());
        let catalogue = self.all(session).await?;
        if let Some(resource) = catalogue.find(api_version, kind) {
            return Ok(resource.clone());
        }
        let catalogue = self.fresh(session).await?;
        catalogue.find(api_version, kind).cloned().ok_or_else(|| ObjectError::UnknownKind {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            help: catalogue.advice(api_version, kind),
        })
    }
}

async fn load(
    known: &mut Option<Known>,
    session: &Session<'_>,
) -> Result<Arc<Catalogue>, RequestError> {
    let catalogue = Arc::new(fetch::fetch(session).await?);
    for group_version in &catalogue.incomplete {
        session.tell(&Event::DiscoveryIncomplete { group_version });
    }
    cache::write(session.transport, &catalogue);
    *known = Some(Known { catalogue: catalogue.clone(), fresh: true });
    Ok(catalogue)
}
