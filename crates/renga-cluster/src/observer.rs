//! What happens while a cluster is asked, as events.

use std::time::Duration;

use crate::error::RequestError;
use crate::object::ObjectId;
use crate::report::{Outcome, WaitOutcome};

/// Hears what happens. Called on the thread that called [`crate::Cluster`].
pub trait Observer {
    /// Takes note of `event`.
    fn event(&self, event: &Event<'_>);
}

/// Hears nothing.
impl Observer for () {
    fn event(&self, _: &Event<'_>) {}
}

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The server warns (deprecated versions, Pod Security, …). Each text comes once per
    /// [`crate::Cluster`].
    Warning(&'a str),
    /// A request is going to be sent again.
    Retrying {
        /// Which one: verb and path.
        request: &'a str,
        /// Why.
        error: &'a RequestError,
        /// How long to wait before.
        after: Duration,
    },
    /// A part of the API could not be asked for its kinds; the others are known.
    DiscoveryIncomplete {
        /// Such as `metrics.k8s.io/v1beta1`.
        group_version: &'a str,
    },
    /// One object was compared.
    Compared {
        /// How many are done.
        done: usize,
        /// Of how many.
        total: usize,
    },
    /// A wave of objects begins.
    Wave {
        /// Counts from 1.
        number: usize,
        /// How many waves there are.
        of: usize,
        /// How many objects are in it.
        objects: usize,
    },
    /// What became of one object of an apply. Comes as soon as it is known: the order is not that
    /// of the report.
    Applied {
        /// The object.
        object: &'a ObjectId,
        /// What became of it.
        outcome: &'a Outcome,
    },
    /// An object is not ready yet, or now for another reason than before.
    Waiting {
        /// The object.
        object: &'a ObjectId,
        /// What is missing, in a few words.
        reason: &'a str,
    },
    /// What a wait for one object led to.
    Waited {
        /// The object.
        object: &'a ObjectId,
        /// What it led to.
        outcome: &'a WaitOutcome,
    },
    /// An object is gone, or is going to be.
    Deleted {
        /// The object.
        object: &'a ObjectId,
    },
}
