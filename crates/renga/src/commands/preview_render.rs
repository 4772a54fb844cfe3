//! Rendering both sides of environments, one pair after the other on every thread: what they render
//! is dropped as soon as its difference is known, so memory does not grow with their number.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use renga_diff::{Compare, Comparison};
use renga_env::{Evaluator, Found, LoadError, Loaded, Worker};
use renga_jsonnet::with_big_stack;
use renga_manifest::{Manifest, Targets};
use renga_preview::{Collector, Counts, EnvironmentReport, Failure, Of, Status};
use serde_json::Value;

use super::preview_select::{Choice, Pair};

/// At most this many environments of one main file are evaluated together.
const LARGEST: usize = 16;

/// At most this many steps of an evaluation that failed are told.
const MOST_FRAMES: usize = 8;

/// Both sides, and what becomes of them.
pub(super) struct Rendering<'a> {
    pub(super) base: &'a Evaluator,
    pub(super) head: &'a Evaluator,
    pub(super) compare: &'a Compare<'static>,
    pub(super) targets: &'a Targets,
    pub(super) root: &'a Path,
    pub(super) threads: usize,
    pub(super) stop: &'a (dyn Fn() -> bool + Sync),
    pub(super) done: &'a (dyn Fn(&str) + Sync),
}

/// A pair that is to be rendered, and why.
pub(super) type Chosen = (Pair, Choice);

/// What a side renders, or why it does not.
type Rendered = Result<Vec<Value>, String>;

impl Rendering<'_> {
    /// Renders pairs and gives what became of them to `collector`; whether it was not stopped.
    pub(super) fn run(&self, chosen: &[Chosen], collector: &Mutex<Collector>) -> bool {
        let batches = batches(chosen);
        let next = AtomicUsize::new(0);
        let work = || {
            with_big_stack(|| {
                let (mut base, mut head) = (self.base.worker(), self.head.worker());
                while !(self.stop)() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(batch) = batches.get(index) else { break };
                    self.batch(batch, &mut base, &mut head, collector);
                }
            });
        };
        let threads = self.threads.clamp(1, batches.len().max(1));
        if threads == 1 {
            work();
        } else {
            thread::scope(|scope| {
                let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                for handle in handles {
                    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                }
            });
        }
        !(self.stop)()
    }

    fn batch(
        &self,
        batch: &[&Chosen],
        base: &mut Worker<'_>,
        head: &mut Worker<'_>,
        collector: &Mutex<Collector>,
    ) {
        let side = |of: fn(&Pair) -> Option<&Found>| -> (Vec<usize>, Vec<Found>) {
            let sides = batch.iter().enumerate();
            sides.filter_map(|(place, (pair, _))| Some((place, of(pair)?.clone()))).unzip()
        };
        let mut before: Vec<Option<Rendered>> = batch.iter().map(|_| None).collect();
        let (places, founds) = side(|pair| pair.base.as_ref());
        self.load(base, &founds, true, &mut |index, rendered| {
            before[places[index]] = Some(rendered);
        });
        let (places, founds) = side(|pair| pair.head.as_ref());
        let mut settled = vec![false; batch.len()];
        self.load(head, &founds, false, &mut |index, rendered| {
            let place = places[index];
            settled[place] = true;
            self.settle(batch[place], before[place].take(), Some(rendered), collector);
        });
        for (place, settled) in settled.into_iter().enumerate() {
            if !settled {
                self.settle(batch[place], before[place].take(), None, collector);
            }
        }
    }

    fn load(
        &self,
        worker: &mut Worker<'_>,
        founds: &[Found],
        is_base: bool,
        each: &mut dyn FnMut(usize, Rendered),
    ) {
        let program = |found: &&Found| {
            !matches!(found.environment.spec.export_jsonnet_implementation.as_str(), "" | "go")
        };
        if let (true, Some(found)) = (is_base, founds.iter().find(program)) {
            let program = &found.environment.spec.export_jsonnet_implementation;
            for index in 0..founds.len() {
                each(index, Err(format!("`{program}` reads from the disk, not from the base")));
            }
            return;
        }
        let mut index = 0;
        worker.load_each(founds, &mut |_, loaded| {
            each(index, self.manifests(loaded));
            index += 1;
        });
    }

    fn manifests(&self, loaded: Result<Loaded, LoadError>) -> Rendered {
        let manifests = loaded.and_then(|loaded| loaded.into_manifests(self.targets));
        match manifests {
            Ok((_, manifests)) => Ok(manifests.into_iter().map(Manifest::into_value).collect()),
            Err(error) => Err(self.told(&error)),
        }
    }

    /// An error without the folders of this machine.
    pub(super) fn told(&self, error: &LoadError) -> String {
        let root = format!("{}/", self.root.display());
        let mut text = renga_diag::chain(error).trim_end().to_owned();
        if let LoadError::Evaluation { source } | LoadError::EvaluationInPath { source, .. } = error
        {
            let frames = source.frames().iter().filter(|frame| frame.start.line > 0);
            for frame in frames.take(MOST_FRAMES) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n  at {}:{}", frame.file, frame.start.line);
            }
        }
        text.replace(&root, "")
    }

    fn settle(
        &self,
        (pair, choice): &Chosen,
        before: Option<Rendered>,
        after: Option<Rendered>,
        collector: &Mutex<Collector>,
    ) {
        let Some(mut report) = describe(pair, choice) else { return };
        for (side, rendered) in [(Of::Base, &before), (Of::Head, &after)] {
            if let Some(Err(message)) = rendered {
                report.failures.push(Failure { side, message: message.clone() });
            }
        }
        let (difference, objects) = if report.failures.is_empty() {
            let objects = |side: Option<Rendered>| side.and_then(Result::ok).unwrap_or_default();
            let (before, after) = (objects(before), objects(after));
            (self.compare.objects(&before, &after), after.len())
        } else {
            report.status = Status::Failed;
            (Comparison::default(), 0)
        };
        (self.done)(&report.name);
        let mut collector = collector.lock().unwrap_or_else(PoisonError::into_inner);
        collector.add(report, objects, difference);
    }
}

/// What is known of a pair before it is rendered.
pub(super) fn describe(pair: &Pair, choice: &Choice) -> Option<EnvironmentReport> {
    let found = pair.shown()?;
    let metadata = &found.environment.metadata;
    let status = match (&pair.base, &pair.head) {
        (None, _) => Status::Added,
        (_, None) => Status::Removed,
        _ => Status::Unchanged,
    };
    let old = pair.base.as_ref().map(|base| base.environment.metadata.name.clone());
    Some(EnvironmentReport {
        name: metadata.name.clone(),
        path: metadata.namespace.clone(),
        status,
        renamed_from: old.filter(|old| *old != metadata.name),
        rendered: choice.rendered,
        reason: choice.reason.clone(),
        objects: Counts::default(),
        images: Vec::new(),
        failures: Vec::new(),
    })
}

/// Pairs whose sides have their main files in common and stand beside each other.
fn batches(chosen: &[Chosen]) -> Vec<Vec<&Chosen>> {
    let mut batches: Vec<Vec<&Chosen>> = Vec::new();
    let place = |pair: &Pair| {
        let file = |found: &Option<Found>| {
            let program =
                |found: &Found| found.environment.spec.export_jsonnet_implementation.clone();
            found.as_ref().map(|found| (found.entrypoint.clone(), found.inline, program(found)))
        };
        (file(&pair.base), file(&pair.head))
    };
    for item in chosen {
        match batches.last_mut() {
            Some(batch) if batch.len() < LARGEST && place(&batch[0].0) == place(&item.0) => {
                batch.push(item);
            }
            _ => batches.push(vec![item]),
        }
    }
    batches
}
