//! The reading thread: answers one question after the other, beside the writer.

use rusqlite::Connection;

use super::worker::Queue;

/// Works until the queue ends.
pub(super) fn run(connection: &Connection, mut queue: Queue) {
    while let Some(mut job) = queue.blocking_recv() {
        let outcome = job.run(connection);
        job.answer(outcome);
    }
}
