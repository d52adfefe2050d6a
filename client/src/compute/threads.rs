//! The threads. Each sees one unit through, which the crew computes, and they end when the host drops
//! [`Threads`] or the process.

use std::io;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::perform::Workshop;
use super::task::{Computed, Task};
use crate::host::event::Event;

/// Where tasks go.
#[derive(Debug)]
pub(crate) struct Threads {
    tasks: Sender<Task>,
    workshop: Arc<Workshop>,
    count: usize,
}

impl Threads {
    /// Starts so many threads, which say what they made as events.
    pub(crate) fn start(
        count: NonZero<usize>,
        workshop: Workshop,
        events: &Sender<Event>,
    ) -> io::Result<Self> {
        let (threads, queue) = Self::without(count, workshop);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..count.get() {
            let workshop = threads.workshop.clone();
            let (queue, events) = (queue.clone(), events.clone());
            std::thread::Builder::new()
                .name(format!("compute-{number}"))
                .spawn(move || work(&queue, &workshop, &events))?;
        }
        Ok(threads)
    }

    /// As many, but who does what comes out of the queue is the caller's business.
    pub(crate) fn without(count: NonZero<usize>, workshop: Workshop) -> (Self, Receiver<Task>) {
        let (tasks, queue) = channel(count.get());
        (Self { tasks, workshop: Arc::new(workshop), count: count.get() }, queue)
    }

    /// Where tasks are done.
    #[cfg(feature = "sim")]
    pub(crate) fn workshop(&self) -> Arc<Workshop> {
        self.workshop.clone()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// There is no work now, and may be none for long: the crew ends.
    pub(crate) fn rest(&self) {
        self.workshop.rest();
    }

    /// Gives a task to the next free thread; back if there are as many waiting as threads.
    pub(crate) fn give(&self, task: Task) -> Result<(), Task> {
        self.tasks.try_send(task).map_err(|error| match error {
            TrySendError::Full(task) | TrySendError::Closed(task) => task,
        })
    }
}

fn work(queue: &Mutex<Receiver<Task>>, workshop: &Workshop, events: &Sender<Event>) {
    loop {
        // Waiting with the lock held is meant: the next free thread gets the next task.
        let task = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(task) = task else { return };
        let begun = Instant::now();
        let what = workshop.perform(&task);
        let computed = Computed { lease: task.lease, took: begun.elapsed(), what };
        if events.blocking_send(Event::Computed(computed)).is_err() {
            return;
        }
    }
}
