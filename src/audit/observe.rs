//! The pass over all traffic.
//!
//! One thread reads, some prepare requests (the longest part: JSON, schemas), and
//! one asks the servers about them, in their order. What is on its way between
//! them is bounded, whatever the length of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::observation::{Observation, Source, count};
use super::prepare::{Prepared, prepare};
use super::watch::Watch;
use super::world::World;
use crate::traffic::{Broken, Entry, Exchange, Skipped, read};

/// A file that can't be read to its end, by its position, and why.
pub type Unread = (usize, Broken);

/// How many entries go from thread to thread at a time.
const BATCH: usize = 128;

/// Entries in their order, and which batch of the file they are.
type Batch = (usize, Vec<Entry>);

/// The same, ready to be judged.
type Done = (usize, Vec<Result<Prepared, Skipped>>);

/// Looks at all requests of files. `progress` is told how many entries were read.
pub fn observe(
    watch: &Watch<'_>,
    files: &[PathBuf],
    jobs: usize,
    progress: &dyn Fn(usize),
) -> (Observation, Vec<Unread>) {
    let mut seen = Observation::default();
    let mut unread = Vec::new();
    for (file, path) in files.iter().enumerate() {
        // One file is one recording: what others made isn't there.
        let mut world = World::new(watch);
        let read = in_order(watch, (file, path), jobs.max(1), &mut |entry| {
            seen.entries += 1;
            progress(seen.entries);
            match entry {
                Ok(prepared) => take(prepared, &mut world, &mut seen),
                Err(skipped) => skip(&skipped, file, &mut seen),
            }
        });
        if let Err(problem) = read {
            unread.push((file, problem));
        }
    }
    (seen, unread)
}

/// Looks at requests that somebody has already, as one recording.
pub fn observe_all(watch: &Watch<'_>, exchanges: &[Exchange]) -> Observation {
    let mut seen = Observation::default();
    let mut world = World::new(watch);
    for exchange in exchanges {
        seen.entries += 1;
        take(prepare(watch, exchange, 0), &mut world, &mut seen);
    }
    seen
}

/// Hands over the entries of a file in their order.
fn in_order(
    watch: &Watch<'_>,
    (file, path): (usize, &Path),
    jobs: usize,
    each: &mut dyn FnMut(Result<Prepared, Skipped>),
) -> Result<(), Broken> {
    let (work, todo) = sync_channel::<Batch>(jobs * 2);
    let (done, results) = sync_channel::<Done>(jobs * 2);
    let todo = Mutex::new(todo);
    thread::scope(|scope| {
        let reader = scope.spawn(move || batches(path, &work));
        for _ in 0..jobs {
            let (todo, done) = (&todo, done.clone());
            scope.spawn(move || work_off(watch, file, todo, &done));
        }
        drop(done);
        let (mut waiting, mut next) = (BTreeMap::new(), 0);
        for (index, batch) in results {
            waiting.insert(index, batch);
            while let Some(batch) = waiting.remove(&next) {
                next += 1;
                batch.into_iter().for_each(&mut *each);
            }
        }
        match reader.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn batches(path: &Path, work: &SyncSender<Batch>) -> Result<(), Broken> {
    let (mut index, mut batch) = (0, Vec::with_capacity(BATCH));
    let result = read(path, &mut |entry| {
        batch.push(entry);
        if batch.len() < BATCH {
            return true;
        }
        let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
        index += 1;
        work.send((index - 1, full)).is_ok()
    });
    // Whoever would take it may have failed: that is told by them.
    let _ = work.send((index, batch));
    result
}

fn work_off(
    watch: &Watch<'_>,
    file: usize,
    todo: &Mutex<Receiver<Batch>>,
    done: &SyncSender<Done>,
) {
    loop {
        let next = todo.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, batch)) = next else {
            return;
        };
        let batch = batch.into_iter();
        let ready = batch.map(|entry| entry.map(|exchange| prepare(watch, &exchange, file)));
        if done.send((index, ready.collect())).is_err() {
            return;
        }
    }
}

fn skip(skipped: &Skipped, file: usize, seen: &mut Observation) {
    let source = Source {
        file,
        entry: skipped.entry,
    };
    count(
        &mut seen.skipped,
        skipped.reason.clone(),
        source,
        String::new,
    );
}

fn take(prepared: Prepared, world: &mut World<'_, '_>, seen: &mut Observation) {
    match prepared {
        Prepared::Ready(ready) => world.take(*ready, seen),
        Prepared::Unreadable(problem, ready) => world.unreadable(*ready, problem, seen),
        Prepared::Other(name, example) => {
            count(&mut seen.others, name, example.source, || example.line());
        }
        Prepared::Unmatched(reason, example) => {
            count(&mut seen.unmatched, reason, example.source, || {
                example.line()
            });
        }
    }
}
