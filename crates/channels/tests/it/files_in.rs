//! Attachments on their way from the local platform, in paused time.

use std::time::Duration;

use chela_engine::id::AccountId;
use chela_engine::message::{InboundMessage, attachments_of};
use chela_engine::ports::{Channel, FetchError, Store};
use chela_engine::router::AccountRules;
use dingtalk_emulator::{
    App, Builder, Card, ChatRecord, Emulator, Entry, Fault, Group, Media, Part, Person, Said,
    Utterance,
};
use futures_util::TryStreamExt;
use url::Url;

use crate::support::World;

const ONE: &str = "林小满";
const GROUP: &str = "项目讨论群";

fn png(name: &str) -> Media {
    Media::new(&format!("{name}.png"), format!("PNG {name}"))
}

fn anywhere(_: &Url) -> bool {
    true
}

async fn world(platform: Builder) -> World {
    World::of(platform, AccountRules::default(), anywhere).await
}

impl World {
    /// Says something, and gives what the engine was given.
    async fn hears(&self, utterance: &Utterance) -> InboundMessage {
        let said = self.emulator.utter(utterance).expect("it is said");
        self.stored(&said).await
    }

    async fn stored(&self, said: &Said) -> InboundMessage {
        let acked = |view: &dingtalk_emulator::View<'_>| {
            let mut pushes = view.pushes_of(&said.message);
            pushes.any(|push| push.acked_at_ms.is_some())
        };
        self.emulator
            .wait_within(Duration::from_secs(60), acked)
            .await
            .expect("it is taken");
        let id = said.message.as_str().to_owned();
        let found = self.store.journal(id).await.expect("it can be read");
        found[0].message.message.clone()
    }

    /// The name and the bytes of each attachment of a message, then of what it quotes.
    async fn fetch(
        &self,
        message: &InboundMessage,
    ) -> Vec<Result<(Option<String>, String), FetchError>> {
        let quoted = message.quote.iter().flat_map(|quote| &quote.parts);
        let parts: Vec<_> = message.parts.iter().chain(quoted).cloned().collect();
        let mut fetched = Vec::new();
        for attachment in attachments_of(&parts) {
            let account = AccountId::new("default");
            let opened = self.channel.open(&account, &attachment.source).await;
            fetched.push(match opened {
                Ok(download) => {
                    let name = attachment.name.clone().or(download.name);
                    let bytes: Result<Vec<_>, _> = download.bytes.try_collect().await;
                    bytes.map(|bytes| (name, String::from_utf8_lossy(&bytes.concat()).into_owned()))
                }
                Err(error) => Err(error),
            });
        }
        fetched
    }

    async fn error(&self, message: &InboundMessage) -> FetchError {
        let fetched = self.fetch(message).await;
        assert_eq!(fetched.len(), 1);
        fetched
            .into_iter()
            .next()
            .expect("there is one")
            .expect_err("it fails")
    }
}

#[tokio::test(start_paused = true)]
async fn a14_what_comes_with_a_message_arrives_in_its_order() {
    let world = world(Emulator::builder()).await;
    let parts = [
        Part::Text("看：".to_owned()),
        Part::Picture(png("一")),
        Part::Picture(png("二")),
        Part::Text("和".to_owned()),
        Part::Picture(png("三")),
    ];
    let message = world.hears(&Utterance::parts(ONE, parts)).await;
    let fetched = world.fetch(&message).await;
    let bytes: Vec<_> = fetched
        .into_iter()
        .map(|file| file.expect("it comes").1)
        .collect();
    assert_eq!(bytes, ["PNG 一", "PNG 二", "PNG 三"]);

    let record = ChatRecord::new(
        "聊天记录",
        [Entry::text("张三", "看"), Entry::picture("张三", png("四"))],
    );
    let message = world.hears(&Utterance::chat_record(ONE, record)).await;
    assert!(
        message.text().ends_with("张三: 看\n张三: [图片]"),
        "{}",
        message.text()
    );
    assert_eq!(
        world.fetch(&message).await,
        [Ok((None, "PNG 四".to_owned()))]
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_without_a_code_comes_from_the_drive() {
    let world = world(Emulator::builder()).await;
    let file = Media::new("总结.docx", "PK.. 总结");
    let expected = |name: Option<&str>| Ok((name.map(str::to_owned), "PK.. 总结".to_owned()));
    let message = world
        .hears(&Utterance::file_by_api(ONE, file.clone()))
        .await;
    assert_eq!(world.fetch(&message).await, [expected(Some("总结.docx"))]);
    let card = Utterance::card(ONE, Card::DriveFile(file.clone()));
    let message = world.hears(&card).await;
    assert_eq!(world.fetch(&message).await, [expected(None)]);
    // A code that has expired is not the end either.
    let message = world.hears(&Utterance::file(ONE, file)).await;
    tokio::time::sleep(Duration::from_secs(2 * 3_600)).await;
    assert_eq!(world.fetch(&message).await, [expected(Some("总结.docx"))]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_code_of_a_picture_is_gone() {
    let world = world(Emulator::builder()).await;
    let message = world.hears(&Utterance::picture(ONE, png("一"))).await;
    tokio::time::sleep(Duration::from_secs(2 * 3_600)).await;
    assert!(matches!(
        world.error(&message).await,
        FetchError::Gone { .. }
    ));
}

/// The second of three files that 周大川 sends to the group, quoted by 林小满 who asks the bot.
async fn quoted_in_group(world: &World) -> InboundMessage {
    let mut sent = Vec::new();
    for name in ["旧.pdf", "季度总结.pdf", "新.pdf"] {
        let file = Media::new(name, format!("%PDF {name}"));
        let file = Utterance::file("周大川", file).in_group(GROUP);
        sent.push(world.emulator.utter(&file).expect("it is said"));
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let question = Utterance::text(ONE, "总结一下").in_group(GROUP);
    let question = question.mentioning_bot().quoting(&sent[1].message);
    world.hears(&question).await
}

#[tokio::test(start_paused = true)]
async fn a21_a_quoted_file_of_a_group_is_found_by_its_time() {
    let world = world(Emulator::builder()).await;
    let message = quoted_in_group(&world).await;
    let expected = (
        Some("季度总结.pdf".to_owned()),
        "%PDF 季度总结.pdf".to_owned(),
    );
    assert_eq!(world.fetch(&message).await, [Ok(expected)]);
}

#[tokio::test(start_paused = true)]
async fn a21_or_the_permission_is_named() {
    for (scope, is_verified) in [
        ("ConvFile.Space.Read", true),
        ("Storage.File.Read", true),
        ("Storage.DownloadInfo.Read", true),
        ("", false),
    ] {
        let app = App::new("dingdemo0clientid", "demo-client-secret", "小钳").without_scope(scope);
        let group = Group::new(GROUP)
            .bot(&app)
            .members(["manager7675", "0425zhou"]);
        let organisation = dingtalk_emulator::World::new("示例科技")
            .app(app)
            .group(group);
        let people = [(ONE, "manager7675"), ("周大川", "0425zhou")];
        let organisation = people.into_iter().fold(organisation, |world, (name, id)| {
            world.person(Person::new(name, id))
        });
        let organisation = if is_verified {
            organisation
        } else {
            organisation.unverified()
        };
        let world = world(Emulator::builder().world(organisation)).await;
        let message = quoted_in_group(&world).await;
        let FetchError::Forbidden {
            permissions,
            reason,
        } = world.error(&message).await
        else {
            panic!("{scope}");
        };
        if is_verified {
            assert_eq!(permissions, [scope]);
        } else {
            assert!(permissions.is_empty() && reason.contains("orgAuthLevelNotEnough"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn addresses_that_must_not_be_reached_are_refused() {
    let rules = AccountRules::default();
    let world = World::of(Emulator::builder(), rules, |_: &Url| false).await;
    let message = world.hears(&Utterance::picture(ONE, png("一"))).await;
    assert!(matches!(
        world.error(&message).await,
        FetchError::Refused { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a18_a_download_that_hangs_or_breaks_off_says_so() {
    let world = world(Emulator::builder()).await;
    let message = world.hears(&Utterance::picture(ONE, png("一"))).await;
    // The engine fetches it for itself.
    world.answers(1).await;
    let link = "/v1.0/robot/messageFiles/download";
    world.emulator.fault(Fault::status(503).on(link));
    assert!(matches!(
        world.error(&message).await,
        FetchError::Unreachable { .. }
    ));
    for fault in [
        Fault::hanging_body(),
        Fault::cut_body(),
        Fault::stall(),
        Fault::block_page(),
    ] {
        world.emulator.fault(fault.on("/wukong-file/"));
        let begun = tokio::time::Instant::now();
        assert!(matches!(
            world.error(&message).await,
            FetchError::Unreachable { .. }
        ));
        assert!(begun.elapsed() <= Duration::from_secs(31));
    }
    assert!(world.fetch(&message).await[0].is_ok());
}
