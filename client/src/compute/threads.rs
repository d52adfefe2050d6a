//! The threads. They compute one unit each, and end when the host drops [`Threads`] or the process.

use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::mpsc::Sender;

use super::perform::Workshop;
use super::task::{Computed, Task};
use crate::disk::folder::Folder;
use crate::host::event::Event;

/// Where tasks go.
#[derive(Debug)]
pub(crate) struct Threads {
    tasks: SyncSender<Task>,
    workshop: Arc<Workshop>,
    count: usize,
}

impl Threads {
    /// Starts so many threads, which say what they made as events.
    pub(crate) fn start(
        count: NonZero<usize>,
        folder: &Folder,
        events: &Sender<Event>,
    ) -> io::Result<Self> {
        let (tasks, queue) = sync_channel(count.get());
        let queue = Arc::new(Mutex::new(queue));
        let workshop = Arc::new(Workshop::new(folder));
        for number in 0..count.get() {
            let (queue, workshop, events) = (queue.clone(), workshop.clone(), events.clone());
            std::thread::Builder::new()
                .name(format!("compute-{number}"))
                .spawn(move || work(&queue, &workshop, &events))?;
        }
        Ok(Self { tasks, workshop, count: count.get() })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// There is no work now, and may be none for long: what the last work needs is forgotten.
    pub(crate) fn rest(&self) {
        self.workshop.rest();
    }

    /// Gives a task to the next free thread; back if there are as many waiting as threads.
    pub(crate) fn give(&self, task: Task) -> Result<(), Task> {
        self.tasks.try_send(task).map_err(|error| match error {
            TrySendError::Full(task) | TrySendError::Disconnected(task) => task,
        })
    }
}

fn work(queue: &Mutex<Receiver<Task>>, workshop: &Workshop, events: &Sender<Event>) {
    loop {
        // Waiting with the lock held is meant: the next free thread gets the next task.
        let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = task else { return };
        let begun = Instant::now();
        let what = workshop.perform(&task);
        let computed = Computed { lease: task.lease, took: begun.elapsed(), what };
        if events.blocking_send(Event::Computed(computed)).is_err() {
            return;
        }
    }
}
