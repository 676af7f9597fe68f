//! A model server that says exactly the bytes that a test wants, and sees what is done to it.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What the server does with one connection after it has read the request.
pub(crate) struct Reply {
    pieces: Vec<Vec<u8>>,
    then: Then,
}

/// What follows the last piece.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The connection is closed in good order.
    Close,
    /// Nothing more, until the client leaves.
    Stall,
}

impl Reply {
    /// A stream of events without length: it ends with the connection.
    pub(crate) fn events(pieces: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n";
        let pieces = pieces.into_iter().map(Into::into);
        Self {
            pieces: std::iter::once(head.into()).chain(pieces).collect(),
            then: Then::Close,
        }
    }

    /// A response with status, further headers and body.
    pub(crate) fn http(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
        );
        Self {
            pieces: vec![head.into_bytes()],
            then: Then::Close,
        }
    }

    /// These bytes and nothing else.
    pub(crate) fn raw(bytes: &str) -> Self {
        Self {
            pieces: vec![bytes.into()],
            then: Then::Close,
        }
    }

    pub(crate) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }
}

/// A request as the server read it.
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
}

/// The server. Gives the n-th connection the n-th reply and refuses further ones.
pub(crate) struct Server {
    pub(crate) base_url: String,
    asked: mpsc::UnboundedReceiver<Asked>,
    left: mpsc::UnboundedReceiver<()>,
    tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (asked_sender, asked) = mpsc::unbounded_channel();
        let (left_sender, left) = mpsc::unbounded_channel();
        let replies: Vec<Reply> = replies.into_iter().collect();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            for reply in replies {
                let (mut stream, _) = listener.accept().await.expect("a client comes");
                asked_sender.send(read_request(&mut stream).await).ok();
                serve(stream, reply).await;
                left_sender.send(()).ok();
            }
        });
        Self {
            base_url: format!("http://{address}/v1"),
            asked,
            left,
            tasks,
        }
    }

    /// The next request.
    pub(crate) async fn asked(&mut self) -> Asked {
        self.asked.recv().await.expect("the server runs")
    }

    /// Waits until the client has left a connection that stalls, or the server has closed it.
    pub(crate) async fn left(&mut self) {
        let left = tokio::time::timeout(Duration::from_secs(10), self.left.recv());
        left.await
            .expect("the client leaves within ten seconds")
            .expect("the server runs");
    }

    /// Waits until every reply has been given.
    pub(crate) async fn finish(mut self) {
        let done = tokio::time::timeout(Duration::from_secs(10), self.tasks.join_next());
        done.await
            .expect("every reply is asked for")
            .expect("there is one task")
            .expect("it does not panic");
    }
}

async fn serve(mut stream: TcpStream, reply: Reply) {
    stream.set_nodelay(true).expect("the stream is open");
    for piece in &reply.pieces {
        if stream.write_all(piece).await.is_err() {
            return;
        }
        // Gives the client the time to read the piece alone.
        tokio::task::yield_now().await;
    }
    match reply.then {
        Then::Close => stream.shutdown().await.unwrap_or_default(),
        Then::Stall => {
            let mut rest = [0; 1024];
            while !matches!(stream.read(&mut rest).await, Ok(0) | Err(_)) {}
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let read = stream.read_buf(&mut bytes).await;
        assert_ne!(read.expect("the client writes"), 0, "the request is cut");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("the client counts"));
        let (_, body) = bytes.split_at(head.len() + 4);
        if body.len() == length {
            return Asked {
                head: head.to_owned(),
                body: serde_json::from_slice(body).unwrap_or_default(),
                bytes: body.to_vec(),
            };
        }
    }
}

/// An event with a piece of text.
pub(crate) fn text(text: &str) -> String {
    let text = Value::from(text);
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text}}}}}]}}\n\n")
}

/// The event that ends an answer.
pub(crate) const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

/// The event that ends the stream.
pub(crate) const DONE: &str = "data: [DONE]\n\n";
