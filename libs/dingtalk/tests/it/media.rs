//! Files in both directions, against the local platform.

#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dingtalk::api::{
    self, DownloadMessageFile, FindDownload, FindGroupSpace, GetUser, ListDentries, MediaKind,
    RecallFromPeople, SendToPeople, UploadMedia, Video,
};
use dingtalk::download::Limits;
use dingtalk::id::{ConversationId, RobotCode, UserId};
use dingtalk::message::{Content, InteractiveCard};
use dingtalk::transport::ReqwestTransport;
use dingtalk::{Client, ClientSecret, Credentials, DownloadCode, ErrorKind, Message, Settings};
use dingtalk_emulator::{Card, Emulator, Fault, Media, Said, Utterance};
use url::Url;

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pause: Duration::from_secs(10),
    total: Duration::from_secs(60),
};
const COLLEAGUE: &str = "manager7675";
const PERSON: &str = "林小满";

fn client(emulator: &Emulator) -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = || reqwest::Client::builder().no_proxy();
    let transport = ReqwestTransport::new(http().build().unwrap())
        .with_downloads(http())
        .unwrap();
    let address = || emulator.base_url().parse().unwrap();
    let app = emulator.app();
    let settings = Settings {
        endpoint: address(),
        oapi_endpoint: address(),
        ..Settings::default()
    };
    let credentials = Credentials {
        client_id: dingtalk::id::ClientId::new(app.client_id.as_str()),
        client_secret: ClientSecret::new(app.client_secret.reveal()),
        corp_id: None,
    };
    Client::new(settings, credentials, Arc::new(transport))
}

async fn pushed(robot: &crate::support::Robot, said: &Said) -> Message {
    let id = said.message.as_str().to_owned();
    let mut seen = 1;
    loop {
        let all = robot.handler.wait_for(seen).await;
        if let Some(one) = all.iter().find(|one| one.message.as_deref() == Some(&id)) {
            return Message::parse(&one.data).unwrap();
        }
        seen = all.len() + 1;
    }
}

async fn fetch(
    client: &Client,
    robot: &RobotCode,
    code: DownloadCode,
) -> Result<Bytes, dingtalk::Error> {
    let url = client
        .send(DownloadMessageFile {
            robot: robot.clone(),
            code,
        })
        .await?;
    client
        .download(url.into(), &|_: &Url| true, LIMITS)
        .await?
        .bytes()
        .await
}

#[tokio::test(start_paused = true)]
async fn what_people_send_can_be_fetched() {
    let emulator = emulator().await;
    let client = client(&emulator);
    let robot = RobotCode::new(emulator.app().robot_code.as_str());
    let mut robot_running = crate::support::Robot::connected(&emulator).await;
    let png = || Media::new("a.png", &b"\x89PNG\r\n\x1a\n..."[..]);

    let said = emulator.utter(&Utterance::picture(PERSON, png())).unwrap();
    let Content::Picture(picture) = pushed(&robot_running, &said).await.content() else {
        panic!()
    };
    assert_eq!(picture.download_codes.len(), 2);
    for code in picture.download_codes {
        assert_eq!(
            fetch(&client, &robot, code).await.unwrap(),
            &b"\x89PNG\r\n\x1a\n..."[..]
        );
    }
    let said = emulator
        .utter(&Utterance::file(
            PERSON,
            Media::new("总结.docx", &b"PK"[..]),
        ))
        .unwrap();
    let Content::File(file) = pushed(&robot_running, &said).await.content() else {
        panic!()
    };
    assert_eq!(file.name.as_deref(), Some("总结.docx"));
    assert_eq!(
        fetch(&client, &robot, file.download_code.unwrap())
            .await
            .unwrap(),
        &b"PK"[..]
    );
    let gone = fetch(&client, &robot, DownloadCode::new("x"))
        .await
        .unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);

    let said = emulator
        .utter(&Utterance::card(
            PERSON,
            Card::OfBot {
                text: "请总结".into(),
            },
        ))
        .unwrap();
    assert_eq!(
        pushed(&robot_running, &said).await.content(),
        Content::InteractiveCard(InteractiveCard::Text("请总结".into()))
    );

    robot_running.stop().await;
}

async fn emulator() -> Emulator {
    Emulator::builder()
        .time_ms(1_790_000_000_000)
        .start()
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn files_are_uploaded_sent_and_taken_back() {
    let emulator = emulator().await;
    let client = client(&emulator);
    let robot = RobotCode::new(emulator.app().robot_code.as_str());
    // People can be written to once they have written.
    emulator.say(PERSON, "你好").unwrap();
    let media = client
        .send(UploadMedia {
            kind: MediaKind::Image,
            name: "图.png".into(),
            content_type: "image/png".into(),
            bytes: Bytes::from_static(b"\x89PNG\r\n\x1a\n..."),
        })
        .await
        .unwrap();
    let sent = client
        .send(SendToPeople {
            robot: robot.clone(),
            people: vec![UserId::new(COLLEAGUE)],
            content: api::Content::Image {
                photo_url: media.to_string(),
            },
        })
        .await
        .unwrap();
    let file = client
        .send(UploadMedia {
            kind: MediaKind::File,
            name: "总结.pdf".into(),
            content_type: "application/pdf".into(),
            bytes: Bytes::from_static(b"%PDF"),
        })
        .await
        .unwrap();
    client
        .send(SendToPeople {
            robot: robot.clone(),
            people: vec![UserId::new(COLLEAGUE)],
            content: api::Content::File {
                media: file,
                name: "总结.pdf".into(),
                file_type: "pdf".into(),
            },
        })
        .await
        .unwrap();
    let voice = client
        .send(UploadMedia {
            kind: MediaKind::Voice,
            name: "a.amr".into(),
            content_type: "audio/amr".into(),
            bytes: Bytes::from_static(b"#!AMR\n"),
        })
        .await
        .unwrap();
    client
        .send(SendToPeople {
            robot: robot.clone(),
            people: vec![UserId::new(COLLEAGUE)],
            content: api::Content::Audio {
                media: voice,
                duration: Duration::from_secs(2),
            },
        })
        .await
        .unwrap();
    let video = client
        .send(UploadMedia {
            kind: MediaKind::Video,
            name: "a.mp4".into(),
            content_type: "video/mp4".into(),
            bytes: Bytes::from_static(b"....ftypmp42"),
        })
        .await
        .unwrap();
    client
        .send(SendToPeople {
            robot: robot.clone(),
            people: vec![UserId::new(COLLEAGUE)],
            content: api::Content::Video(Video {
                media: video,
                cover: media,
                duration: Duration::from_secs(2),
                size: Some((3, 4)),
            }),
        })
        .await
        .unwrap();
    let bad = client
        .send(UploadMedia {
            kind: MediaKind::File,
            name: "a.exe".into(),
            content_type: "x/y".into(),
            bytes: Bytes::from_static(b"MZ"),
        })
        .await
        .unwrap_err();
    assert_eq!(bad.code, "40004");
    let direct = emulator.direct(PERSON).unwrap();
    let answers = emulator.answers(&direct);
    assert_eq!(answers.len(), 4, "{answers:?}");
    // Recall.
    let again = RecallFromPeople {
        robot: robot.clone(),
        messages: vec![sent.process_query_key.clone()],
    };
    assert_eq!(client.send(again.clone()).await.unwrap().recalled.len(), 1);
    assert_eq!(client.send(again).await.unwrap().failed.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_quoted_file_of_a_group_is_found_in_its_space() {
    let emulator = emulator().await;
    let client = client(&emulator);
    let mut robot_running = crate::support::Robot::connected(&emulator).await;
    let said = emulator
        .utter(
            &Utterance::file(PERSON, Media::new("群.docx", &b"PKgroup"[..])).in_group("项目讨论群"),
        )
        .unwrap();
    let said = emulator
        .utter(
            &Utterance::text(PERSON, "看看")
                .in_group("项目讨论群")
                .mentioning_bot()
                .quoting(&said.message),
        )
        .unwrap();
    let message = pushed(&robot_running, &said).await;
    let quote = message.quote().expect("a quote");
    assert_eq!(quote.content, Some(Content::Withheld { notice: None }));
    let user = client
        .send(GetUser {
            user: message.sender_staff_id.clone().unwrap(),
        })
        .await
        .unwrap();
    let space = client
        .send(FindGroupSpace {
            group: ConversationId::new(message.conversation_id.as_str()),
            member: user.union_id.clone(),
        })
        .await
        .unwrap();
    let page = client
        .send(ListDentries {
            space: space.clone(),
            member: user.union_id.clone(),
            page_size: 50,
            next_token: None,
        })
        .await
        .unwrap();
    let dentry = page
        .dentries
        .into_iter()
        .find(|one| one.created_at.unwrap().abs_diff(quote.created_at.unwrap()) < 1_000)
        .unwrap();
    assert_eq!(dentry.name, "群.docx");
    let found = client
        .send(FindDownload {
            space,
            dentry: dentry.id,
            member: user.union_id,
        })
        .await
        .unwrap();
    let from = found.sources().next().unwrap();
    let bytes = client
        .download(from, &|_: &Url| true, LIMITS)
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(bytes, &b"PKgroup"[..]);
    robot_running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_spoilt_body_is_an_error_with_a_code() {
    let emulator = emulator().await;
    let client = client(&emulator);
    let robot = RobotCode::new(emulator.app().robot_code.as_str());
    let mut robot_running = crate::support::Robot::connected(&emulator).await;
    for (fault, code) in [
        (Fault::cut_body(), "transport"),
        (Fault::hanging_body(), "download.tooSlow"),
        (Fault::endless_body(), "download.tooLarge"),
        (Fault::claim_length(5 << 20), "download.tooLarge"),
        (Fault::slow_body(Duration::from_secs(9)), "download.tooSlow"),
        (Fault::status(403), "download.status"),
    ] {
        let said = emulator
            .utter(&Utterance::picture(
                PERSON,
                Media::new("a.png", vec![7; 100]),
            ))
            .unwrap();
        let Content::Picture(picture) = pushed(&robot_running, &said).await.content() else {
            panic!()
        };
        let url = client
            .send(DownloadMessageFile {
                robot: robot.clone(),
                code: picture.download_codes[0].clone(),
            })
            .await
            .unwrap();
        let path = Url::parse(url.expose()).unwrap().path().to_owned();
        emulator.fault(fault.clone().on(&path));
        let got = async {
            client
                .download(url.into(), &|_: &Url| true, LIMITS)
                .await?
                .bytes()
                .await
        }
        .await;
        let error = got.expect_err(&format!("{fault:?}"));
        assert_eq!(error.code, code, "{fault:?} {error}");
    }
    robot_running.stop().await;
}
