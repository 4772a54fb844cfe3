//! Loading many environments: which are evaluated together, and on which thread.

use crate::error::LoadError;
use crate::evaluator::Evaluator;
use crate::load::{Found, Loaded};

/// The environments of one entrypoint that are evaluated together, with their places among all.
pub type Batch<'a> = Vec<(usize, &'a Found)>;

/// At most this many environments of one entrypoint share an evaluation, so that there is work
/// for all threads and memory stays flat.
const LARGEST: usize = 16;

/// Sorts environments, which stand beside others of their entrypoint, into batches.
pub fn batches(environments: &[Found]) -> Vec<Batch<'_>> {
    let mut batches: Vec<Batch<'_>> = Vec::new();
    for (index, found) in environments.iter().enumerate() {
        let implementation =
            |found: &Found| found.environment.spec.export_jsonnet_implementation.clone();
        match batches.last_mut() {
            Some(batch)
                if batch.len() < LARGEST
                    && batch[0].1.entrypoint == found.entrypoint
                    && implementation(batch[0].1) == implementation(found) =>
            {
                batch.push((index, found));
            }
            _ => batches.push(vec![(index, found)]),
        }
    }
    batches
}

impl Evaluator {
    /// Loads environments on up to `threads` threads and returns what `each` makes of them, in their
    /// order; what they yield is dropped as soon as it returns. `None` when `stop` said so before
    /// all were done.
    pub fn load_all<R: Send>(
        &self,
        environments: &[Found],
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
        each: &(dyn Fn(&Found, Result<Loaded, LoadError>) -> R + Sync),
    ) -> Option<Vec<R>> {
        let batches = batches(environments);
        let results = self.for_each(&batches, threads, stop, |worker, batch| {
            let founds: Vec<Found> = batch.iter().map(|(_, found)| (*found).clone()).collect();
            let mut done = Vec::with_capacity(founds.len());
            worker.load_each(&founds, &mut |found, loaded| done.push(each(found, loaded)));
            done
        });
        let results: Option<Vec<Vec<R>>> = results.into_iter().collect();
        results.filter(|_| !stop()).map(|results| results.into_iter().flatten().collect())
    }
}
