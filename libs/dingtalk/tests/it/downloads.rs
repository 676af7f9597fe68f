//! Downloads: what may be reached, what is sent, and where it ends.

use std::sync::Mutex;
use std::time::Duration;

use dingtalk::download::{Limits, Source};
use dingtalk::transport::{DownloadRequest, ReqwestTransport, Stage, Transport};
use dingtalk::{DownloadUrl, Error, ErrorKind, SignatureHeader};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use crate::scripted::{Scene, Scripted};

const LIMITS: Limits = Limits {
    bytes: 8,
    pause: Duration::from_secs(10),
    total: Duration::from_secs(30),
};

fn source(url: &str) -> Source {
    Source {
        url: DownloadUrl::new(url),
        headers: vec![("Authorization".to_owned(), SignatureHeader::new("hunter2"))],
    }
}

fn file(pieces: &[(u64, &'static [u8])]) -> Scene {
    let pieces = pieces.iter();
    Scene {
        status: 200,
        location: None,
        content_length: None,
        pieces: pieces
            .map(|(seconds, piece)| (Duration::from_secs(*seconds), *piece))
            .collect(),
    }
}

fn redirect(location: &'static str) -> Scene {
    Scene {
        status: 302,
        location: Some(location),
        ..file(&[])
    }
}

/// The file, or why there is none.
async fn fetch(scenes: Vec<Result<Scene, Stage>>) -> Result<Vec<u8>, Error> {
    let (client, _script) = Scripted::downloads(scenes);
    let from = source("https://example.invalid/f");
    let downloading = client.download(from, &|_: &Url| true, LIMITS).await?;
    Ok(downloading.bytes().await?.to_vec())
}

#[tokio::test(start_paused = true)]
async fn every_address_on_the_way_is_asked_for() {
    let (client, script) = Scripted::downloads([
        Ok(redirect("/g")),
        Ok(redirect("http://elsewhere.invalid/h")),
        Ok(file(&[(9, b"1234"), (9, b"5678")])),
    ]);
    let seen = Mutex::new(Vec::new());
    let policy = |url: &Url| {
        seen.lock().expect("no panic").push(url.to_string());
        true
    };
    let from = source("https://example.invalid/f");
    let downloading = client
        .download(from, &policy, LIMITS)
        .await
        .expect("it is there");
    assert_eq!(downloading.content_type(), Some("application/octet-stream"));
    assert_eq!(
        downloading.bytes().await.expect("it all comes"),
        "12345678".as_bytes()
    );
    assert_eq!(
        seen.into_inner().expect("no panic"),
        [
            "https://example.invalid/f",
            "https://example.invalid/g",
            "http://elsewhere.invalid/h"
        ]
    );
    let signed: Vec<bool> = script
        .fetched()
        .iter()
        .map(|one| !one.headers.is_empty())
        .collect();
    assert_eq!(
        signed,
        [true, true, false],
        "a signature stays with its host"
    );
}

#[tokio::test(start_paused = true)]
async fn what_must_not_be_reached_is_not() {
    let policy = |url: &Url| url.host_str() != Some("10.0.0.1");
    for scenes in [Vec::new(), vec![Ok(redirect("http://10.0.0.1/secret"))]] {
        let begin = if scenes.is_empty() {
            "http://10.0.0.1/secret"
        } else {
            "https://example.invalid/f"
        };
        let count = scenes.len();
        let (client, script) = Scripted::downloads(scenes);
        let error = client
            .download(source(begin), &policy, LIMITS)
            .await
            .expect_err("it is refused");
        assert_eq!(
            (error.kind.clone(), error.code.as_str()),
            (ErrorKind::Invalid, "download.refused")
        );
        assert!(!format!("{error:?}").contains("10.0.0.1"));
        assert_eq!(script.fetched().len(), count);
    }
    for url in [
        "file:///etc/passwd",
        "nowhere",
        "https://somebody:secret@example.invalid/f",
    ] {
        let (client, _script) = Scripted::downloads([]);
        let error = client
            .download(source(url), &|_: &Url| true, LIMITS)
            .await
            .expect_err("it is refused");
        assert_eq!(error.code, "download.address");
    }
}

#[tokio::test(start_paused = true)]
async fn limits_and_ends() {
    let announced = |length: u64| Scene {
        content_length: Some(length),
        ..file(&[(0, b"1234")])
    };
    let status = |status: u16| Scene {
        status,
        ..file(&[])
    };
    let ready: &[(u64, &'static [u8])] = &[(9, b"1"), (9, b"1"), (9, b"1"), (9, b"1")];
    let table = [
        (
            vec![Ok(announced(9))],
            ErrorKind::Invalid,
            "download.tooLarge",
        ),
        (
            vec![Ok(file(&[(0, b"12345"), (0, b"6789")]))],
            ErrorKind::Invalid,
            "download.tooLarge",
        ),
        (vec![Ok(announced(5))], ErrorKind::Transient, "download.cut"),
        (
            vec![Ok(file(&[(11, b"1")]))],
            ErrorKind::Transient,
            "download.tooSlow",
        ),
        (
            vec![Ok(file(ready))],
            ErrorKind::Transient,
            "download.tooSlow",
        ),
        (vec![Err(Stage::Sent)], ErrorKind::Transient, "transport"),
        (
            vec![Ok(status(403))],
            ErrorKind::NotFound,
            "download.status",
        ),
        (
            vec![Ok(status(502))],
            ErrorKind::Transient,
            "download.status",
        ),
        (
            vec![Ok(status(302))],
            ErrorKind::Invalid,
            "download.redirects",
        ),
        (
            (0..6).map(|_| Ok(redirect("/again"))).collect(),
            ErrorKind::Invalid,
            "download.redirects",
        ),
    ];
    for (number, (scenes, kind, code)) in table.into_iter().enumerate() {
        let error = fetch(scenes).await.expect_err("it fails");
        assert_eq!(
            (error.kind, error.code.as_str()),
            (kind, code),
            "row {number}"
        );
    }
    assert_eq!(fetch(vec![Ok(announced(4))]).await, Ok(b"1234".to_vec()));
    let mut five: Vec<_> = (0..5).map(|_| Ok(redirect("/again"))).collect();
    five.push(Ok(file(&[(0, b"12345678")])));
    assert_eq!(fetch(five).await, Ok(b"12345678".to_vec()));
}

/// Takes one connection, answers with `answer` and gives back what was asked.
async fn serve_once(listener: TcpListener, answer: &'static str) -> String {
    let (mut connection, _) = listener.accept().await.expect("somebody comes");
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let read = connection.read_buf(&mut asked).await;
        assert_ne!(read.expect("it is readable"), 0, "the request ends");
    }
    let written = connection.write_all(answer.as_bytes()).await;
    written.expect("it is writable");
    String::from_utf8(asked).expect("it is text")
}

#[tokio::test]
async fn the_real_network_adds_nothing_and_follows_nothing() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = || reqwest::Client::builder().no_proxy();
    let client = http().build().expect("the settings are plain");
    let unable = ReqwestTransport::new(client);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it is free");
    let address = listener.local_addr().expect("it has one");
    let request = DownloadRequest {
        url: format!("http://{address}/f?Signature=s")
            .parse()
            .expect("it is an address"),
        headers: vec![("x-oss-date".to_owned(), "d".to_owned())],
    };
    let error = unable
        .download(request.clone())
        .await
        .expect_err("it was not set up");
    assert_eq!(error.stage, Stage::NotSent);

    let able = unable
        .with_downloads(http())
        .expect("the settings are plain");
    let mut serving = JoinSet::new();
    let answer = "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 2\r\n\r\nhi";
    serving.spawn(serve_once(listener, answer));
    let download = able.download(request).await.expect("it is answered");
    assert_eq!(
        (download.status, download.location.as_deref()),
        (302, Some("http://10.0.0.1/"))
    );
    assert_eq!(download.content_length, Some(2));
    let body: Vec<_> = download
        .body
        .map(|chunk| chunk.expect("it comes"))
        .collect()
        .await;
    assert_eq!(body.concat(), b"hi");
    let served = serving.join_next().await.expect("it served");
    let asked = served.expect("no panic").to_lowercase();
    let names: Vec<&str> = asked
        .lines()
        .skip(1)
        .filter_map(|line| Some(line.split_once(':')?.0))
        .collect();
    assert_eq!(names, ["x-oss-date", "accept", "host"], "{asked}");
}
