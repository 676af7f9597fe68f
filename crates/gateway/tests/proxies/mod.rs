//! Proxies on real sockets, and what stands behind them: the platform with a certificate that only a private authority has
//! signed.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it"
)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The name of the platform behind the proxies. It means nothing to the name servers of this world.
pub const PLATFORM: &str = "https://api.dingtalk.example";

/// The certificate of the authority that has signed the platform's.
pub fn authority() -> PathBuf {
    fixture("ca.pem")
}

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/tls", name]
        .iter()
        .collect()
}

/// Something that listens until it is dropped, and remembers what it was asked for.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// What it was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    async fn serving<Serve, Served>(serve: Serve) -> Self
    where
        Serve: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Served + Send + 'static,
        Served: Future<Output = Option<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&noted)));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            asked,
            _tasks: tasks,
        }
    }
}

/// What becomes of a request behind TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It is passed on.
    Honest,
    /// It is passed on unless it wants to become a WebSocket, which is cut.
    CutsWebSockets,
    /// It is answered with a page for people.
    CaptivePortal,
}

/// TLS in front of something on this machine that speaks without.
pub async fn tls_before(behind: SocketAddr, manner: Manner) -> Server {
    let certificates = CertificateDer::pem_file_iter(fixture("site.pem")).unwrap();
    let certificates = certificates.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(fixture("site.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::serving(move |stream, asked| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.ok()?;
            let head = head(&mut stream).await?;
            asked.lock().unwrap().push(first_line(&head));
            let is_upgrade = head.to_ascii_lowercase().contains("upgrade: websocket");
            match manner {
                Manner::CutsWebSockets if is_upgrade => return None,
                Manner::CaptivePortal => {
                    let page = "<html><title>上网认证</title>请先登录</html>";
                    return say(&mut stream, "200 OK", page).await;
                }
                _ => {}
            }
            let mut server = TcpStream::connect(behind).await.ok()?;
            server.write_all(head.as_bytes()).await.ok()?;
            copy_bidirectional(&mut stream, &mut server).await.ok()?;
            Some(())
        }
    })
    .await
}

/// An HTTP proxy that leads everything to one place, whatever name it is asked for.
pub async fn http_proxy(behind: SocketAddr, user: Option<(&'static str, &'static str)>) -> Server {
    let wanted = user.map(|(name, password)| {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
        format!("proxy-authorization: basic {pair}").to_ascii_lowercase()
    });
    Server::serving(move |mut stream, asked| {
        let wanted = wanted.clone();
        async move {
            let head = head(&mut stream).await?;
            asked.lock().unwrap().push(head.clone());
            let is_known = wanted.is_none_or(|wanted| head.to_ascii_lowercase().contains(&wanted));
            if !is_known {
                return say(&mut stream, "407 Proxy Authentication Required", "").await;
            }
            let mut server = TcpStream::connect(behind).await.ok()?;
            if head.starts_with("CONNECT ") {
                stream
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .await
                    .ok()?;
            } else {
                server.write_all(head.as_bytes()).await.ok()?;
            }
            copy_bidirectional(&mut stream, &mut server).await.ok()?;
            Some(())
        }
    })
    .await
}

/// A SOCKS 5 proxy (RFC 1928, 1929) that leads everything to one place.
pub async fn socks_proxy(behind: SocketAddr, user: Option<(&'static str, &'static str)>) -> Server {
    Server::serving(move |mut stream, asked| async move {
        let [_, methods] = read(&mut stream).await?;
        let mut offered = vec![0; methods.into()];
        stream.read_exact(&mut offered).await.ok()?;
        match user {
            Some(_) if !offered.contains(&2) => {
                stream.write_all(&[5, 0xff]).await.ok()?;
                return None;
            }
            Some((name, password)) => {
                stream.write_all(&[5, 2]).await.ok()?;
                let [_] = read(&mut stream).await?;
                let given = (text(&mut stream).await?, text(&mut stream).await?);
                let is_known = given == (name.to_owned(), password.to_owned());
                stream.write_all(&[1, u8::from(!is_known)]).await.ok()?;
                is_known.then_some(())?;
            }
            None => stream.write_all(&[5, 0]).await.ok()?,
        }
        let [_, _, _, kind] = read(&mut stream).await?;
        let host = match kind {
            1 => std::net::Ipv4Addr::from(read::<4>(&mut stream).await?).to_string(),
            4 => std::net::Ipv6Addr::from(read::<16>(&mut stream).await?).to_string(),
            _ => text(&mut stream).await?,
        };
        let port = u16::from_be_bytes(read(&mut stream).await?);
        asked.lock().unwrap().push(format!("{host}:{port}"));
        stream
            .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            .await
            .ok()?;
        let mut server = TcpStream::connect(behind).await.ok()?;
        copy_bidirectional(&mut stream, &mut server).await.ok()?;
        Some(())
    })
    .await
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

fn first_line(head: &str) -> String {
    head.lines().next().unwrap_or_default().to_owned()
}

async fn say(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    status: &str,
    body: &str,
) -> Option<()> {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()?;
    // What still comes is taken, lest the other side sees a reset in place of the answer.
    tokio::io::copy(stream, &mut tokio::io::sink()).await.ok()?;
    Some(())
}

async fn read<const LENGTH: usize>(stream: &mut TcpStream) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn text(stream: &mut TcpStream) -> Option<String> {
    let [length] = read(stream).await?;
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.ok()?;
    String::from_utf8(bytes).ok()
}
