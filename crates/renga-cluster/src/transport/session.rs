//! One question of the caller: the connection, the kinds, and who hears what happens.

use futures_util::StreamExt;
use serde_json::Value;

use super::{Answer, Call, Transport};
use crate::discovery::Kinds;
use crate::error::RequestError;
use crate::observer::{Event, Observer};

/// What every operation is given.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) kinds: &'a Kinds,
    observer: &'a dyn Observer,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        transport: &'a Transport,
        kinds: &'a Kinds,
        observer: &'a dyn Observer,
    ) -> Self {
        Self { transport, kinds, observer }
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        self.observer.event(event);
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.transport.cancelled()
    }

    /// Sends a request.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, RequestError> {
        self.transport.send(call, self.observer).await
    }

    /// Sends a request that is answered with JSON.
    pub(crate) async fn json(&self, call: &Call) -> Result<Value, RequestError> {
        let answer = self.send(call).await?;
        self.parse(&answer)
    }

    /// The JSON of an answer.
    pub(crate) fn parse(&self, answer: &Answer) -> Result<Value, RequestError> {
        serde_json::from_slice(&answer.body).map_err(|_| RequestError::Answer {
            server: self.transport.target().server.clone(),
            problem: "the answer is not JSON".into(),
        })
    }

    /// Does `work` for each item, several at once and begun in order; results are in order.
    pub(crate) async fn each<T, R>(
        &self,
        items: impl IntoIterator<Item = T>,
        work: impl AsyncFn(T) -> R,
    ) -> Vec<R> {
        // More than there are permits, so that the next request waits at the gate already.
        let limit = self.transport.options().concurrency.max(1) * 2;
        let work = &work;
        let mut results: Vec<(usize, R)> =
            futures_util::stream::iter(items.into_iter().enumerate())
                .map(async |(index, item)| (index, work(item).await))
                .buffer_unordered(limit)
                .collect()
                .await;
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }
}
