//! Where the real store lives: a runtime of its own, with a real clock.
//!
//! Whoever asks it waits with his whole thread, so that in virtual time a call takes none, nothing
//! happens meanwhile, and the paused clock does not run ahead of the database.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

use tokio::runtime::Runtime;

/// Does it there.
pub(crate) fn ask<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    static KEEPER: OnceLock<Runtime> = OnceLock::new();
    let keeper = KEEPER.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).enable_all().build();
        runtime.expect("this machine has two threads to spare")
    });
    let (sender, receiver) = sync_channel(1);
    keeper.spawn(async move {
        // The asker waits.
        let _asked = sender.send(work.await);
    });
    receiver.recv().expect("the keeper's tasks are never aborted")
}
