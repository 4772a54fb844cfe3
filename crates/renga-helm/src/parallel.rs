//! Work on several cores, where there is enough of it.
//!
//! Results never depend on how many cores there are: [`map`] keeps the order of its items, and
//! what a [`Queue`] hands back is put in order by its caller.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// How many bytes of text make it worth to start a thread.
const ENOUGH: usize = 96 * 1024;

/// The most threads that work on one rendering.
const MOST_THREADS: usize = 8;

/// How many threads may work, this one counted.
fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS
        .get_or_init(|| thread::available_parallelism().map_or(1, |n| n.get().min(MOST_THREADS)))
}

/// Applies `work` to each item; the results are in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    size: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let all: usize = items.iter().map(size).sum();
    if all < ENOUGH || threads() == 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let helpers = (all / ENOUGH).min(threads() - 1);
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Items that one thread makes and others take.
struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    is_open: bool,
}

impl<T> Queue<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, item: T) {
        self.state().items.push_back(item);
        self.changed.notify_one();
    }

    fn close(&self) {
        self.state().is_open = false;
        self.changed.notify_all();
    }

    /// The next item; `None` when there will be none.
    fn take(&self) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if !state.is_open {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Closes the queue whatever happens: who waits on it would wait forever.
struct Closing<'q, T>(&'q Queue<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Runs `make`, and `work` on what it makes while it still runs; the results are in no order.
///
/// # Errors
///
/// That of `make`; the results are lost then.
pub(crate) fn beside<T: Send, R: Send, E>(
    size: impl Fn(&T) -> usize,
    work: impl Fn(T) -> R + Sync,
    make: impl FnOnce(&mut dyn FnMut(T)) -> Result<(), E>,
) -> Result<Vec<R>, E> {
    let state = State { items: VecDeque::new(), is_open: true };
    let queue = Queue { state: Mutex::new(state), changed: Condvar::new() };
    let all = || {
        let mut done = Vec::new();
        while let Some(item) = queue.take() {
            done.push(work(item));
        }
        done
    };
    let all = &all;
    thread::scope(|scope| {
        let closing = Closing(&queue);
        let mut helpers = Vec::new();
        let mut waiting = 0;
        let made = make(&mut |item| {
            waiting += size(&item);
            queue.push(item);
            if waiting >= ENOUGH && helpers.len() + 1 < threads() {
                waiting = 0;
                helpers.push(scope.spawn(all));
            }
        });
        if made.is_err() {
            queue.state().items.clear();
        }
        drop(closing);
        let mut done = all();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made.map(|()| done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..500).collect();
        for size in [1, ENOUGH] {
            let doubled = map(&items, |_| size, |item| item * 2);
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn everything_made_is_worked_on_once() {
        for size in [1, ENOUGH] {
            let done = beside(
                |_| size,
                |item: usize| item + 1,
                |push| {
                    (0..500).for_each(push);
                    Ok::<(), ()>(())
                },
            );
            let mut done = done.expect("nothing fails");
            done.sort_unstable();
            assert_eq!(done, (1..=500).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_failure_ends_the_work() {
        let done = beside(
            |_| ENOUGH,
            |item: usize| item,
            |push| {
                (0..10).for_each(push);
                Err("made too little")
            },
        );
        assert_eq!(done, Err("made too little"));
    }
}
