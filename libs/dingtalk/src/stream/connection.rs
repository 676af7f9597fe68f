//! Drives one socket: reads, hands over, answers. The reader waits for nobody.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, SplitSink, StreamExt};
use futures_util::{FutureExt, Sink, SinkExt};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::frame;
use super::handler::{Handler, Push};
use super::health::Pulse;
use super::session::{Output, Reason, Session};
use crate::transport::{Socket, SocketMessage, TransportError};

/// Pushes of one connection that may be on their way to an answer, written answers included; then reading pauses.
const IN_FLIGHT: usize = 1_024;
/// What pushes on their way are given at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Another connection is wanted in the place of this one.
#[derive(Debug)]
pub(super) struct Wish {
    /// Which connection is to be replaced.
    pub(super) number: u64,
    pub(super) reason: Reason,
}

/// What a connection is connected to besides its socket.
pub(super) struct Wiring {
    /// Tells the connections apart.
    pub(super) number: u64,
    pub(super) handler: Arc<dyn Handler>,
    /// Not bounded by a number, because nothing in a connection may wait for whoever reads it; bounded all the same: a
    /// connection wishes at most once ([`Output::Replace`]), and few connections live at a time.
    pub(super) wishes: mpsc::UnboundedSender<Wish>,
    /// Written to directly: what arrives is counted, not queued.
    pub(super) pulse: Pulse,
    /// Asks the connection to let itself be replaced.
    pub(super) doubts: mpsc::Receiver<Reason>,
    /// Stops reading; answers on their way still go out.
    pub(super) shutdown: CancellationToken,
}

/// The answers that handlers still owe.
type Answers = FuturesUnordered<BoxFuture<'static, Option<String>>>;

pub(super) struct Connection {
    wiring: Wiring,
    session: Session,
    answers: Answers,
    outgoing: VecDeque<SocketMessage>,
    /// Whether something was handed to the socket and not flushed.
    unflushed: bool,
}

impl Connection {
    pub(super) fn new(wiring: Wiring, session: Session) -> Self {
        Self {
            wiring,
            session,
            answers: Answers::new(),
            outgoing: VecDeque::new(),
            unflushed: false,
        }
    }

    /// Drives the socket to its end.
    pub(super) async fn drive(mut self, socket: Socket) {
        let (mut sink, mut source) = socket.split();
        let shutdown = self.wiring.shutdown.clone();
        loop {
            let wake = self.session.deadline();
            let may_read = self.answers.len() + self.outgoing.len() < IN_FLIGHT;
            if !may_read {
                // What we do not read cannot prove life.
                self.session.not_listening(Instant::now());
            }
            let writing = !self.outgoing.is_empty() || self.unflushed;
            let outputs = tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(reason) = self.wiring.doubts.recv() => self.session.doubt(reason, Instant::now()),
                written = write(&mut sink, &mut self.outgoing, &mut self.unflushed), if writing => match written {
                    Ok(()) => continue,
                    Err(error) => return self.lost(&error),
                },
                Some(answer) = self.answers.next() => {
                    self.outgoing.extend(answer.map(SocketMessage::Text));
                    continue;
                }
                message = source.next(), if may_read => match message {
                    Some(Ok(message)) => self.received(message),
                    Some(Err(error)) => return self.lost(&error),
                    None => return,
                },
                Some(()) = OptionFuture::from(wake.map(tokio::time::sleep_until)) => self.session.tick(Instant::now()),
            };
            if self.obey(outputs).is_break() {
                break;
            }
        }
        self.finish(sink).await;
    }

    fn received(&mut self, message: SocketMessage) -> Vec<Output> {
        self.wiring.pulse.seen();
        self.session.received(message, Instant::now())
    }

    fn obey(&mut self, outputs: Vec<Output>) -> std::ops::ControlFlow<()> {
        for output in outputs {
            match output {
                Output::Send(message) => self.outgoing.push_back(message),
                Output::Deliver(push) => self.deliver(push),
                Output::Replace(reason) => self.wish(reason),
                Output::Malformed => self.wiring.pulse.malformed(),
                Output::Close => return std::ops::ControlFlow::Break(()),
            }
        }
        std::ops::ControlFlow::Continue(())
    }

    fn deliver(&mut self, push: Push) {
        let (topic, id) = (push.topic.clone(), push.id.clone());
        let ack = self.wiring.handler.push(push);
        self.answers
            .push(ack.map(move |ack| frame::answer(&topic, &id, &ack)).boxed());
    }

    fn wish(&self, reason: Reason) {
        let number = self.wiring.number;
        // Nobody listens any more when the whole stream ends; then there is nothing to wish for.
        drop(self.wiring.wishes.send(Wish { number, reason }));
    }

    fn lost(&self, error: &TransportError) {
        tracing::info!(connection = self.wiring.number, %error, "connection lost");
    }

    /// The last answers go out, then the socket is closed. Nobody waits long for either.
    async fn finish(mut self, mut sink: SplitSink<Socket, SocketMessage>) {
        let last = async {
            loop {
                // Each goes out as soon as it is there: one that hangs must not cost the others.
                write(&mut sink, &mut self.outgoing, &mut self.unflushed).await?;
                match self.answers.next().await {
                    Some(answer) => self.outgoing.extend(answer.map(SocketMessage::Text)),
                    None => return sink.close().await,
                }
            }
        };
        match tokio::time::timeout(LAST_ANSWERS, last).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.lost(&error),
            Err(_elapsed) => tracing::debug!(
                connection = self.wiring.number,
                "closed with answers outstanding"
            ),
        }
    }
}

/// Writes what is waiting. May be dropped at any point: a message leaves the queue only when the socket has taken it.
async fn write(
    sink: &mut SplitSink<Socket, SocketMessage>,
    outgoing: &mut VecDeque<SocketMessage>,
    unflushed: &mut bool,
) -> Result<(), TransportError> {
    poll_fn(|context| {
        let mut sink = Pin::new(&mut *sink);
        while !outgoing.is_empty() {
            match sink.as_mut().poll_ready(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
            if let Some(message) = outgoing.pop_front() {
                sink.as_mut().start_send(message)?;
                *unflushed = true;
            }
        }
        let flushed = sink.as_mut().poll_flush(context);
        if flushed.is_ready() {
            *unflushed = false;
        }
        flushed
    })
    .await
}
