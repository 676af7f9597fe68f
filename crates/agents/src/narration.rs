//! A stream of events out of a future that tells them one by one.

use std::future::Future;

use chela_engine::ports::{AgentError, AgentEvent};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What an agent tells.
pub(crate) type Told = Result<AgentEvent, AgentError>;

/// Events that wait for whoever reads them; then the teller waits.
const WAITING: usize = 64;

/// To whom a future tells its events.
#[derive(Clone, Debug)]
pub(crate) struct Listener(mpsc::Sender<Told>);

impl Listener {
    /// Tells events in order; `false` when nobody listens any more.
    pub(crate) async fn tell(&self, events: impl IntoIterator<Item = AgentEvent>) -> bool {
        for event in events {
            if self.0.send(Ok(event)).await.is_err() {
                return false;
            }
        }
        true
    }
}

/// Runs `body` while the stream is read; its error is the last item. Dropping the stream drops the body, and so does
/// `cancel`, behind which nothing comes.
pub(crate) fn narrate<Body, Telling>(
    cancel: CancellationToken,
    body: Body,
) -> BoxStream<'static, Told>
where
    Body: FnOnce(Listener) -> Telling,
    Telling: Future<Output = Result<(), AgentError>> + Send + 'static,
{
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let last = sender.clone();
    let body = body(Listener(sender));
    let telling = async move {
        if let Some(Err(error)) = cancel.run_until_cancelled(body).await {
            // Nobody listens any more: then nobody misses it.
            last.send(Err(error)).await.unwrap_or_default();
        }
    };
    let heard = stream::poll_fn(move |context| receiver.poll_recv(context));
    let driven = telling
        .into_stream()
        .filter_map(|()| std::future::ready(None));
    stream::select(heard, driven).boxed()
}

#[cfg(test)]
mod tests {
    use chela_engine::ports::AgentErrorKind;

    use super::*;

    fn text(text: &str) -> AgentEvent {
        AgentEvent::Text(text.to_owned())
    }

    #[tokio::test]
    async fn everything_is_heard_in_order_and_the_error_last() {
        let stream = narrate(CancellationToken::new(), |listener| async move {
            for number in 0..500 {
                assert!(listener.tell([text(&number.to_string())]).await);
            }
            Err(AgentError {
                kind: AgentErrorKind::Timeout,
                detail: String::new(),
                retry_after: None,
            })
        });
        let heard: Vec<Told> = stream.collect().await;
        assert_eq!(heard.len(), 501);
        assert_eq!(heard[7], Ok(text("7")));
        assert!(heard[500].is_err());
    }

    #[tokio::test]
    async fn cancelling_ends_it() {
        let cancel = CancellationToken::new();
        let mut stream = narrate(cancel.clone(), |listener| async move {
            listener.tell([text("好")]).await;
            std::future::pending().await
        });
        assert_eq!(stream.next().await, Some(Ok(text("好"))));
        cancel.cancel();
        assert_eq!(stream.next().await, None);
    }
}
