//! A06: names that do not resolve at first, or resolve to several addresses of which the first is dead.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dingtalk::transport::{
    Download, DownloadRequest, HttpRequest, HttpResponse, ReqwestTransport, Socket, Transport,
    TransportError,
};
use dingtalk::{Client, ClientSecret, Credentials, Settings};
use futures_util::future::{self, BoxFuture};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

use crate::support::{PERSON, Robot, platform};

const API: &str = "api.dingtalk.example";
const SOCKETS: &str = "wss.dingtalk.example";

/// Knows no name the first time; then each has an IPv6 and an IPv4 address where nobody listens, and a good one.
#[derive(Default)]
struct Moody {
    asked: AtomicUsize,
}

impl Resolve for Moody {
    fn resolve(&self, name: Name) -> Resolving {
        assert!([API, SOCKETS].contains(&name.as_str()), "{name:?}");
        if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
            let error = std::io::Error::other("no such name");
            return Box::pin(future::ready(Err(error.into())));
        }
        let dead = ["[::1]:1", "127.0.0.1:1"].map(|address| address.parse().expect("an address"));
        // The port is that of the request.
        let good = SocketAddr::from(([127, 0, 0, 1], 0));
        let addresses: Addrs = Box::new(dead.into_iter().chain([good]));
        Box::pin(future::ready(Ok(addresses)))
    }
}

/// Opens sockets by the name that the real platform gives out.
struct ByName(ReqwestTransport);

impl Transport for ByName {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        self.0.send(request)
    }

    fn download(
        &self,
        request: DownloadRequest,
    ) -> BoxFuture<'static, Result<Download, TransportError>> {
        self.0.download(request)
    }

    fn open(&self, mut url: Url) -> BoxFuture<'static, Result<Socket, TransportError>> {
        url.set_host(Some(SOCKETS)).expect("a host");
        self.0.open(url)
    }
}

#[tokio::test(start_paused = true)]
async fn a06_a_dead_address_gives_way_to_the_next_and_a_missing_name_to_the_next_try() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let emulator = platform().await;
    let resolver = Arc::new(Moody::default());
    let http = reqwest::Client::builder()
        .no_proxy()
        .dns_resolver(Arc::clone(&resolver))
        .build()
        .expect("the settings are plain");
    let address = format!("http://{API}:{}", emulator.address().port());
    let settings = Settings {
        endpoint: address.parse().expect("an address"),
        ..Settings::default()
    };
    let app = emulator.app();
    let credentials = Credentials {
        client_id: dingtalk::id::ClientId::new(app.client_id.as_str()),
        client_secret: ClientSecret::new(app.client_secret.reveal()),
        corp_id: None,
    };
    let transport = Arc::new(ByName(ReqwestTransport::new(http)));
    let robot = Robot::start(Client::new(settings, credentials, transport));
    emulator.wait_for_connections(1).await.expect("it connects");
    emulator.say(PERSON, "你好").expect("it is said");
    robot.handler.wait_for(1).await;
    // The missing name, then one for the API and one for the socket.
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 3);
}
