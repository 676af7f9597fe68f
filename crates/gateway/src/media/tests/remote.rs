//! From where files of an answer, and those of the platform, may be fetched.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use chela_engine::ports::{CollectError, FileCollector};
use futures_util::FutureExt;
use futures_util::future;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use super::support::Home;
use crate::media::{Allowlist, Guard, Lookup, Refused};

fn list(entries: &[String]) -> Allowlist {
    let mut list = Allowlist::default();
    for entry in entries {
        assert!(list.add(entry), "{entry}");
    }
    list
}

/// Every name means these addresses in turn, the last one for ever.
fn meaning(addresses: &[&str], asked: &Arc<AtomicUsize>) -> Lookup {
    let addresses: Vec<IpAddr> = addresses
        .iter()
        .map(|address| address.parse().unwrap())
        .collect();
    let asked = Arc::clone(asked);
    Arc::new(move |_| {
        let turn = asked.fetch_add(1, Ordering::SeqCst);
        let address = addresses[turn.min(addresses.len() - 1)];
        future::ready(Ok(vec![address])).boxed()
    })
}

struct Server {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

async fn server() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let redirect = |to: String| get(move || future::ready(Redirect::temporary(&to)));
    let pages = Router::new()
        .route("/%E6%8A%A5%E5%91%8A.txt", get(|| future::ready("内容")))
        .route("/large", get(|| future::ready(vec![b'x'; 21 << 20])))
        .route("/once", redirect("/报告.txt".to_owned()))
        .route("/endless", redirect("/endless".to_owned()))
        .route("/private", redirect("http://10.0.0.1/secret".to_owned()))
        .route(
            "/metadata",
            redirect("http://169.254.169.254/latest".to_owned()),
        )
        .route("/file", redirect("file:///etc/passwd".to_owned()));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        axum::serve(listener, pages).await.unwrap();
    });
    Server {
        address,
        _tasks: tasks,
    }
}

async fn fetch(home: &Home, guard: Guard, url: &str) -> Result<(String, Vec<u8>), CollectError> {
    let collector = home.collector_with(guard, None);
    let sent = FileCollector::collect(&collector, url.to_owned(), None, Vec::new()).await?;
    let content = home.content(&sent.file);
    Ok((sent.name, content))
}

#[tokio::test]
async fn own_networks_are_refused_however_they_are_written() {
    let home = Home::new();
    let server = server().await;
    let port = server.address.port();
    let asked = Arc::default();
    for address in [
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
    ] {
        let guard =
            Guard::for_answers(Allowlist::default()).looking_up(meaning(&[address], &asked));
        let fetched = fetch(&home, guard, &format!("http://files.example:{port}/once")).await;
        assert_eq!(fetched, Err(CollectError::AddressNotAllowed), "{address}");
    }
    for url in [
        format!("http://127.0.0.1:{port}/once"),
        format!("http://2130706433:{port}/once"),
        format!("http://0x7f.1:{port}/once"),
        format!("http://0177.0.0.1:{port}/once"),
        format!("http://[::ffff:127.0.0.1]:{port}/once"),
        format!("http://localhost:{port}/once"),
        format!("http://0.0.0.0:{port}/once"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://100.100.100.200/latest/meta-data".to_owned(),
        "https://user:password@example.com/".to_owned(),
        "ftp://example.com/a".to_owned(),
        "gopher://example.com/a".to_owned(),
        "http://".to_owned(),
    ] {
        let guard = Guard::for_answers(Allowlist::default());
        let fetched = fetch(&home, guard, &url).await;
        assert_eq!(fetched, Err(CollectError::AddressNotAllowed), "{url}");
    }
}

#[tokio::test]
async fn what_is_on_the_list_passes_and_nothing_else() {
    let home = Home::new();
    let server = server().await;
    let port = server.address.port();
    let asked = Arc::default();
    let passes = [
        ("http://127.0.0.1", vec!["127.0.0.1".to_owned()]),
        ("http://127.0.0.1", vec!["127.0.0.0/8".to_owned()]),
        ("http://127.0.0.1", vec![format!("127.0.0.1:{port}")]),
        ("http://files.example", vec!["files.example".to_owned()]),
        ("http://a.files.example", vec!["*.files.example".to_owned()]),
        (
            "http://files.example",
            vec![format!("files.example:{port}")],
        ),
        ("http://files.example", vec!["127.0.0.0/8".to_owned()]),
    ];
    for (host, entries) in passes {
        let guard = Guard::for_answers(list(&entries)).looking_up(meaning(&["127.0.0.1"], &asked));
        let url = format!("{host}:{port}/once");
        let fetched = fetch(&home, guard, &url).await;
        let expected = ("报告.txt".to_owned(), "内容".as_bytes().to_vec());
        assert_eq!(fetched, Ok(expected), "{url} {entries:?}");
    }
    let refused = [
        ("http://127.0.0.1", "10.0.0.0/8".to_owned()),
        ("http://127.0.0.1", "127.0.0.1:1".to_owned()),
        ("http://files.example", "files.example:1".to_owned()),
        ("http://files.example", "other.example".to_owned()),
        ("http://files.example", "10.0.0.0/8".to_owned()),
        // Public, but not on the list.
        ("http://8.8.8.8", "files.example".to_owned()),
    ];
    for (host, entry) in refused {
        let guard = Guard::for_answers(list(std::slice::from_ref(&entry)))
            .looking_up(meaning(&["127.0.0.1"], &asked));
        let url = format!("{host}:{port}/once");
        let fetched = fetch(&home, guard, &url).await;
        assert_eq!(
            fetched,
            Err(CollectError::AddressNotAllowed),
            "{url} {entry}"
        );
    }
}

#[tokio::test]
async fn redirects_are_checked_like_first_addresses() {
    let home = Home::new();
    let server = server().await;
    let port = server.address.port();
    let guard = || Guard::for_answers(list(&["127.0.0.1".to_owned()]));
    for path in ["private", "metadata", "file"] {
        let url = format!("http://127.0.0.1:{port}/{path}");
        let fetched = fetch(&home, guard(), &url).await;
        assert_eq!(fetched, Err(CollectError::AddressNotAllowed), "{path}");
    }
    let url = format!("http://127.0.0.1:{port}/endless");
    let fetched = fetch(&home, guard(), &url).await;
    assert!(matches!(fetched, Err(CollectError::Unreachable { .. })));
    let url = format!("http://127.0.0.1:{port}/missing");
    let reason = "HTTP 404".to_owned();
    assert_eq!(
        fetch(&home, guard(), &url).await,
        Err(CollectError::Unreachable { reason })
    );
    let url = format!("http://127.0.0.1:{port}/large");
    let limit = 20 << 20;
    assert_eq!(
        fetch(&home, guard(), &url).await,
        Err(CollectError::TooLarge { limit })
    );
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_gains_nothing() {
    let home = Home::new();
    let server = server().await;
    let url = format!("http://files.example:{}/once", server.address.port());
    // Allowed when it is looked up, another one if it were looked up again for the connection.
    let asked = Arc::default();
    let guard = Guard::for_answers(list(&["127.0.0.1/32".to_owned()]))
        .looking_up(meaning(&["127.0.0.1", "10.0.0.1"], &asked));
    assert!(fetch(&home, guard, &url).await.is_ok());
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "one look-up, one connection"
    );
    // The other way round it is refused.
    let guard = Guard::for_answers(list(&["127.0.0.1/32".to_owned()]))
        .looking_up(meaning(&["10.0.0.1", "127.0.0.1"], &Arc::default()));
    let fetched = fetch(&home, guard, &url).await;
    assert_eq!(fetched, Err(CollectError::AddressNotAllowed));
}

#[test]
fn the_platform_is_reached_on_this_machine_only_when_it_runs_there() {
    let check = |endpoint: &str, url: &str| {
        let endpoint = Url::parse(endpoint).unwrap();
        let guard = Guard::for_platform(Allowlist::default(), [&endpoint]);
        guard.check(&Url::parse(url).unwrap())
    };
    let real = "https://api.dingtalk.com";
    assert_eq!(check(real, "http://bucket.oss.example/a"), Ok(()));
    assert_eq!(check(real, "http://127.0.0.1:9/a"), Err(Refused));
    assert_eq!(check(real, "http://192.168.1.1/a"), Err(Refused));
    assert_eq!(check(real, "ftp://bucket.oss.example/a"), Err(Refused));
    let local = "http://127.0.0.1:9000";
    assert_eq!(check(local, "http://127.0.0.1:9/a"), Ok(()));
    assert_eq!(check(local, "http://192.168.1.1/a"), Err(Refused));
}
