//! Work on several things at once, each on a stack of its own.
//!
//! Reading and setting a document nests deeply, and Rayon's own threads have a small stack.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The stack of a thread, in bytes: that of a main thread.
const STACK: usize = 8 << 20;

/// Does two things at once; the second on a thread of its own.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl Fn() -> B + Sync) -> (A, B) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &other);
        let one = one();
        let other = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // what the system does not grant is only slower
            Err(_) => other(),
        };
        (one, other)
    })
}

/// Does something that nobody waits for; where the system grants no thread, nothing.
pub fn beside(work: impl FnOnce() + Send + 'static) {
    let _ = thread::Builder::new().stack_size(STACK).spawn(work);
}

/// Does `work` on every item, on as many threads as Rayon has, and returns what came of it in the
/// order of the items.
///
/// The work may use Rayon itself. Rayon's own threads would not do here: one that waits for a part of
/// its work begins the next item on the same stack, and so on until the stack is full.
pub fn at_once<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = rayon::current_num_threads().min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let take = || {
        let mut done = Vec::new();
        while let Some((index, item)) = next() {
            done.push((index, work(item)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take);
        // this thread works too: what the system does not grant is only slower
        let others: Vec<_> = (1..threads).map(spawn).filter_map(Result::ok).collect();
        let mut done = take();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;
    use std::cell::Cell;
    use std::time::Duration;

    thread_local!(static DEPTH: Cell<usize> = const { Cell::new(0) });

    #[test]
    fn both_results_come_back_from_two_threads() {
        let (one, other) = both(|| thread::current().id(), || thread::current().id());
        assert_ne!(one, other);
        assert_eq!(one, thread::current().id());
    }

    #[test]
    fn no_item_is_begun_while_another_waits_on_the_same_stack() {
        let results = at_once((0_u64..64).collect(), |item| {
            DEPTH.set(DEPTH.get() + 1);
            assert_eq!(DEPTH.get(), 1, "item {item}");
            (0..8).into_par_iter().for_each(|_| thread::sleep(Duration::from_micros(100)));
            DEPTH.set(DEPTH.get() - 1);
            item * item
        });
        assert_eq!(results, (0_u64..64).map(|item| item * item).collect::<Vec<_>>());
        assert!(at_once(Vec::new(), |item: u64| item).is_empty());
    }
}
