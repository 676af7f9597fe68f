//! A thread with a queue of jobs, and the futures that wait for their answers.

use std::future;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use chela_engine::ports::{StoreError, StoreErrorKind};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::failure::Failure;

/// One call of the store on its way through a thread.
pub(super) trait Job: Send {
    /// Does the work and keeps the result. May be called again when the transaction was rolled back.
    fn run(&mut self, connection: &Connection) -> Result<(), Failure>;

    /// Tells the caller the result of the last run, or why there is none.
    fn answer(self: Box<Self>, outcome: Result<(), Failure>);
}

/// The jobs that wait for a thread, oldest first.
pub(super) type Queue = mpsc::Receiver<Box<dyn Job>>;

/// A thread that works through a queue.
pub(super) struct Worker {
    /// `None` once it is closed.
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    /// Starts the thread. `work` ends when the queue does, which is when the worker is closed or dropped.
    pub(super) fn spawn(
        name: &str,
        limit: usize,
        work: impl FnOnce(Queue) + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, queue) = mpsc::channel(limit);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(queue))?;
        Ok(Self {
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues `work` at once; the future only waits for the answer.
    pub(super) fn call<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let (caller, answer) = oneshot::channel();
        let call = Call {
            work,
            value: None,
            caller,
        };
        match self.submit(Box::new(call)) {
            Ok(()) => async move {
                // Without an answer the thread is gone.
                answer
                    .await
                    .unwrap_or_else(|_| Err(Failure::closed()))
                    .map_err(StoreError::from)
            }
            .boxed(),
            Err(failure) => future::ready(Err(failure.into())).boxed(),
        }
    }

    /// Takes no more jobs, and waits until those that are queued are done and the thread has ended.
    pub(super) fn close(&self) {
        drop(lock(&self.queue).take());
        let thread = lock(&self.thread).take();
        if let Some(Err(_panic)) = thread.map(JoinHandle::join) {
            tracing::error!("a thread of the store had panicked");
        }
    }

    fn submit(&self, job: Box<dyn Job>) -> Result<(), Failure> {
        let queue = lock(&self.queue);
        let queue = queue.as_ref().ok_or_else(Failure::closed)?;
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Closed(_) => Failure::closed(),
            TrySendError::Full(_) => Failure::new(
                StoreErrorKind::Other,
                format!("{} calls wait for the store already", queue.max_capacity()),
            ),
        })
    }
}

struct Call<W, T> {
    work: W,
    value: Option<T>,
    caller: oneshot::Sender<Result<T, Failure>>,
}

impl<W, T> Job for Call<W, T>
where
    W: FnMut(&Connection) -> Result<T, Failure> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), Failure> {
        self.value = Some((self.work)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), Failure>) {
        let Self { value, caller, .. } = *self;
        let answer = outcome.and_then(|()| value.ok_or_else(Failure::closed));
        // A caller that no longer listens does not undo the work.
        caller.send(answer).ok();
    }
}

/// What the locks guard is replaced as a whole, so a panic elsewhere cannot have left it half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
