//! The least of DingTalk that lets a gateway call itself connected.
//!
//! It hands out a ticket to whoever asks, accepts the WebSocket, says that it did, and is silent from then on. It is no
//! test double (that is `libs/dingtalk-emulator`, which `xtask` may not import): it exists so that the time from start
//! to connected, and the memory of an idle gateway, have nothing else in them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// How long a connection may take to say what it wants.
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// Serves on a thread of its own until `xtask` ends.
#[derive(Debug)]
pub(super) struct Platform {
    address: SocketAddr,
    connections: Receiver<()>,
}

impl Platform {
    /// Listens on a free port of the loopback interface.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .context("no free port on the loopback interface")?;
        let address = listener.local_addr().context("the port has no address")?;
        let (announce, connections) = channel();
        thread::spawn(move || serve(&listener, address, &announce));
        Ok(Self {
            address,
            connections,
        })
    }

    /// The base URL for `endpoint` and `oapiEndpoint`.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for the next WebSocket to be accepted. False when none was in time.
    pub(super) fn is_connected_within(&self, limit: Duration) -> bool {
        self.connections.recv_timeout(limit).is_ok()
    }
}

fn serve(listener: &TcpListener, address: SocketAddr, announce: &Sender<()>) {
    // Accepted sockets stay open for as long as we serve.
    let mut sockets = Vec::new();
    for stream in listener.incoming() {
        // A connection that fails is the gateway's to open again.
        let Ok(Some(socket)) = stream.and_then(|stream| answer(stream, address)) else {
            continue;
        };
        sockets.push(socket);
        if announce.send(()).is_err() {
            return;
        }
    }
}

/// Answers one connection. The stream when it became a WebSocket.
fn answer(
    mut stream: TcpStream,
    address: SocketAddr,
) -> io::Result<Option<tungstenite::WebSocket<TcpStream>>> {
    stream.set_read_timeout(Some(REQUEST_DEADLINE))?;
    let mut method = [0; 4];
    stream.peek(&mut method)?;
    if &method == b"GET " {
        let socket =
            tungstenite::accept(stream).map_err(|error| io::Error::other(error.to_string()))?;
        return Ok(Some(socket));
    }
    let path = read_request(&stream)?;
    // Both forms of the token answer, for whoever fetches one before it is needed.
    let body = if path.ends_with("/connections/open") {
        format!(r#"{{"endpoint":"ws://{address}/connect","ticket":"bench"}}"#)
    } else {
        r#"{"accessToken":"bench","expireIn":7200,"access_token":"bench","expires_in":7200,"errcode":0}"#.to_owned()
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    Ok(None)
}

/// Reads a whole request, so that the connection can be closed without a reset. The path it asks for.
fn read_request(stream: &TcpStream) -> io::Result<String> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    let target = first.split_whitespace().nth(1).unwrap_or_default();
    Ok(target.split('?').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(url: &str, path: &str, body: &str) -> String {
        let address = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    #[test]
    fn a_gateway_gets_a_ticket_and_a_socket() {
        let platform = Platform::start().unwrap();
        let answer = post(
            &platform.url(),
            "/v1.0/gateway/connections/open",
            r#"{"clientId":"bench"}"#,
        );
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let endpoint = answer
            .get("endpoint")
            .unwrap()
            .as_str()
            .unwrap()
            .strip_prefix("ws://")
            .unwrap();
        let ticket = answer.get("ticket").unwrap().as_str().unwrap();

        let stream = TcpStream::connect(endpoint.strip_suffix("/connect").unwrap()).unwrap();
        let (_socket, response) =
            tungstenite::client(format!("ws://{endpoint}?ticket={ticket}"), stream).unwrap();

        assert_eq!(response.status().as_u16(), 101);
        assert!(platform.is_connected_within(REQUEST_DEADLINE));
    }

    #[test]
    fn a_token_can_be_had() {
        let platform = Platform::start().unwrap();
        let answer = post(&platform.url(), "/v1.0/oauth2/accessToken", "{}");
        assert!(answer.contains(r#""accessToken":"bench""#), "{answer}");
        assert!(!platform.is_connected_within(Duration::ZERO));
    }
}
