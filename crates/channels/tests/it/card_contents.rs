//! What stands on a card: blocks, pictures, and as much of a long answer as it holds; and who may see it.

use std::time::Duration;

use chela_channels::dingtalk::{Look, Streaming};
use chela_engine::ports::{Settlement, Store};
use chela_engine::router::{AccountRules, Privacy};
use dingtalk_emulator::{
    AttachmentKind, CardBlock, CardState, CardTemplate, Emulator, Fault, Said, Shown, ShownCard,
    Utterance, VariableKind,
};

use crate::cards::{card, styled, with};
use crate::support::{Style, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n chart";
const CREATE: &str = "/v1.0/card/instances/createAndDeliver";
const GROUP: &str = "项目讨论群";

/// Blocks as their kind and what is read in them.
fn blocks(card: &ShownCard) -> Vec<(&'static str, String)> {
    let block = |block: &CardBlock| match block {
        CardBlock::Answer { text } => ("say", text.clone()),
        CardBlock::Thought { text } => ("think", text.clone()),
        CardBlock::Tool { text } => ("tool", text.replace("✅ ", "")),
        CardBlock::Picture { .. } => ("picture", String::new()),
        other => panic!("{other:?}"),
    };
    card.blocks.iter().map(block).collect()
}

async fn steps(world: &World, steps: &[&str], earlier: usize) -> Shown {
    let question = format!("steps\n{}", steps.join("\n"));
    let said = world.emulator.say("林小满", &question);
    world
        .ended_behind(&said.expect("it is said"), earlier)
        .await
}

/// Every order of these.
fn permutations<'a>(of: &[&'a str]) -> Vec<Vec<&'a str>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let first = |index: usize| {
        let mut rest = of.to_vec();
        let first = rest.remove(index);
        permutations(&rest).into_iter().map(move |mut rest| {
            rest.insert(0, first);
            rest
        })
    };
    (0..of.len()).flat_map(first).collect()
}

#[tokio::test(start_paused = true)]
async fn a44_in_any_interleaving_blocks_stand_as_it_happened_and_the_copy_is_the_answer() {
    let world = with(Look::with_buttons()).await;
    world.media.allow("/out/图.png", PNG);
    let what = [
        "think 先想一想",
        "tool 搜索",
        r"say 前一段。\n![](/out/图.png)\n后一段。",
        "say 结尾 **42**。",
    ];
    for (number, order) in permutations(&what).iter().enumerate() {
        let shown = steps(&world, order, number).await;
        let card = card(&shown).expect("it is a card");
        let mut expected: Vec<(&str, String)> = Vec::new();
        let mut answer = String::new();
        for step in order {
            let (kind, text) = step.split_once(' ').expect("it has both");
            let of_kind: &[&str] = match text.split_once(r"\n![](/out/图.png)\n") {
                Some((before, behind)) => &[before, "", behind],
                None => &[text],
            };
            for text in of_kind {
                // What is said in one go is one stretch.
                let last = expected
                    .last_mut()
                    .filter(|last| last.0 == kind && kind == "say");
                match (text.is_empty(), last) {
                    (true, _) => expected.push(("picture", String::new())),
                    (false, Some((_, said))) => said.push_str(text),
                    (false, None) => expected.push((kind, (*text).to_owned())),
                }
            }
            if kind == "say" {
                answer.push_str(&of_kind.join("\n").replace("\n\n", "\n"));
            }
        }
        assert_eq!(blocks(card), expected, "{order:?}");
        assert_eq!(card.variables["copy_content"], answer, "{order:?}");
        assert_eq!(card.state, CardState::Done);
        assert_eq!(card.changes_after_end().count(), 0);
        // Nothing is ever seen twice, neither while it types nor at the end.
        let twice = card
            .revisions
            .iter()
            .find(|one| one.text.matches("结尾").count() > 1);
        assert!(twice.is_none(), "{twice:?}");
    }
    assert_eq!(world.count("/media/upload"), 1, "the same picture");
}

#[tokio::test(start_paused = true)]
async fn a44_where_everything_is_shown_blocks_grow_while_the_answer_is_written() {
    let look = Look {
        streaming: Streaming::All,
        ..Look::with_buttons()
    };
    let world = with(look).await;
    let script = [
        "think 先想",
        "tool 搜索",
        "say 查到了。",
        "tool 计算",
        "say 结果是",
        "say  42。",
    ];
    let shown = steps(&world, &script, 0).await;
    let card = card(&shown).expect("it is a card");
    let kinds: Vec<_> = blocks(card).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["think", "tool", "say", "tool", "say"]);
    assert_eq!(card.variables["copy_content"], "查到了。结果是 42。");
    let thought = |one: &&dingtalk_emulator::CardRevision| one.text.contains("先想");
    let first = card.revisions.iter().find(thought).expect("it is seen");
    assert!(!first.text.contains("结果是") && !first.state.is_end());
    let twice = card
        .revisions
        .iter()
        .find(|one| one.text.matches("结果是").count() > 1);
    assert!(twice.is_none(), "{twice:?}");
    assert_eq!(world.emulator.counters().refused, Default::default());
    let calls = world.calls("/v1.0/card/");
    assert!(calls <= 12, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn a48_an_answer_stays_when_a_tool_fails_behind_it() {
    let world = with(Look::with_buttons()).await;
    let shown = steps(&world, &["say 好答案。", "broken 记账"], 0).await;
    let done = card(&shown).expect("it is a card");
    assert_eq!(done.state, CardState::Done);
    assert_eq!(done.variables["copy_content"], "好答案。");
    let expected = [("say", "好答案。"), ("tool", "⚠️ 记账")];
    assert_eq!(
        blocks(done),
        expected.map(|(kind, text)| (kind, text.to_owned()))
    );
    // The agent itself may fail, too.
    let shown = steps(&world, &["say 好答案。", "broken 记账", "fail"], 1).await;
    let failed = card(&shown).expect("it is a card");
    assert!(shown.text.contains("好答案。") && shown.text.contains("AgentFailedPartial"));
    assert_eq!(failed.changes_after_end().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a44_a_template_without_blocks_shows_the_answer_as_text() {
    let world = with(Look::of("own.schema")).await;
    let template = CardTemplate::new("own.schema");
    let template = template.variable("content", VariableKind::StreamedMarkdown);
    world.emulator.add_template(template);
    world.media.allow("/out/图.png", PNG);
    let script = [
        "think 先想",
        "tool 搜索",
        r"say 看：\n![](/out/图.png)\n完。",
    ];
    let shown = steps(&world, &script, 0).await;
    let card = card(&shown).expect("it is a card");
    assert!(card.blocks.is_empty());
    assert!(
        card.body.starts_with("看：") && card.body.contains("完。"),
        "{}",
        card.body
    );
    assert!(!card.body.contains("先想"), "{}", card.body);
    assert_eq!(shown.attachments.len(), 1, "{}", card.body);
    assert!(card.variables.keys().all(|name| name != "blockList"));
}

#[tokio::test(start_paused = true)]
async fn a45_a_local_picture_is_uploaded_once_and_stands_in_the_card() {
    for look in [Look::with_buttons(), Look::default()] {
        let world = with(look).await;
        world.media.allow("/out/销量.png", PNG);
        world.media.allow("/out/表.xlsx", b"PK\x03\x04");
        let answer = r"say 销量：\n![销量](/out/销量.png)\n再看一次：\nMEDIA:/out/销量.png\n完。";
        let shown = steps(&world, &[answer], 0).await;
        assert_eq!(shown.attachments.len(), 1, "{}", shown.text);
        assert_eq!(shown.attachments[0].kind, AttachmentKind::Picture);
        assert_eq!(shown.attachments[0].bytes.as_ref(), PNG);
        assert!(!shown.text.contains("/out/"), "{}", shown.text);
        steps(&world, &[answer], 1).await;
        assert_eq!(world.count("/media/upload"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn b20_a_picture_that_may_not_be_sent_is_neither_uploaded_nor_named_on_a_card() {
    let world = with(Look::with_buttons()).await;
    let answer = r"say 看：\n![密钥](~/.ssh/id_rsa.png)\nMEDIA:/etc/passwd\n完。";
    let shown = steps(&world, &[answer], 0).await;
    assert!(
        !shown.text.contains("id_rsa") && !shown.text.contains("passwd"),
        "{}",
        shown.text
    );
    assert!(
        shown.text.contains("完。") && shown.text.contains("NotSent"),
        "{}",
        shown.text
    );
    assert_eq!(world.count("/media/upload"), 0);
}

#[tokio::test(start_paused = true)]
async fn a45_a_picture_that_cannot_be_uploaded_is_named_and_the_card_ends() {
    let world = with(Look::with_buttons()).await;
    world.media.allow("/out/[销量](x).png", PNG);
    world.media.allow("/out/销量.png", PNG);
    world
        .emulator
        .fault(Fault::status(500).on("/media/upload").always());
    let shown = steps(&world, &[r"say 销量：\n![](/out/销量.png)\n完。"], 0).await;
    let card = card(&shown).expect("it is a card");
    assert_eq!(card.state, CardState::Done);
    let expected = ["销量：", "图片：销量.png", "完。"].map(|text| ("say", text.to_owned()));
    assert_eq!(blocks(card), expected);
}

/// Asks in the group.
fn ask(world: &World, text: &str) -> Said {
    let question = Utterance::text("林小满", text)
        .in_group(GROUP)
        .mentioning_bot();
    world.emulator.utter(&question).expect("it is said")
}

async fn discreet(privacy: Privacy) -> World {
    let rules = AccountRules {
        cards: true,
        privacy,
        most_messages: 3,
        ..AccountRules::default()
    };
    World::looking(Emulator::builder(), rules, Look::with_buttons()).await
}

/// What others in the group see of the bot.
fn seen_by_others(world: &World) -> Vec<Shown> {
    let group = world.emulator.group(GROUP).expect("it exists");
    let mut answers = world.emulator.answers(&group);
    answers.retain(|shown| !shown.recalled && shown.visible_to.is_none());
    answers
}

#[tokio::test(start_paused = true)]
async fn b17_a_private_answer_in_a_group_is_seen_by_its_asker_only() {
    let world = discreet(Privacy::All).await;
    let said = ask(&world, "long");
    let there = |view: &dingtalk_emulator::View<'_>| view.answers(&said.conversation).count() == 1;
    world
        .emulator
        .wait_until(there)
        .await
        .expect("it is answered");
    tokio::time::sleep(Duration::from_secs(60)).await;
    let answers = world.emulator.answers(&said.conversation);
    let people = answers[0]
        .visible_to
        .as_ref()
        .expect("not everybody sees it");
    assert_eq!(
        people.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        ["manager7675"]
    );
    assert_eq!(
        card(&answers[0]).map(|card| card.state),
        Some(CardState::Done)
    );
    assert_eq!(seen_by_others(&world), []);
    // What the card does not hold follows where nobody else is.
    let direct = world.emulator.direct("林小满").expect("she exists");
    let rest = world.emulator.answers(&direct);
    assert!(!rest.is_empty());
    assert!(
        rest.iter().all(|shown| shown.text.contains(GROUP)),
        "{rest:?}"
    );
    let all: usize = answers
        .iter()
        .chain(&rest)
        .map(|one| one.text.matches('句').count())
        .sum();
    assert_eq!(all, 1_500);
}

#[tokio::test(start_paused = true)]
async fn b17_an_error_is_for_the_asker_and_an_answer_for_everybody() {
    let world = discreet(Privacy::Errors).await;
    let said = ask(&world, "你好");
    world.ended(&said).await;
    assert_eq!(seen_by_others(&world).len(), 1);
    ask(&world, "steps\nthink 想\nthink 想\nthink 想\nfail");
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(
        seen_by_others(&world).len(),
        1,
        "the card that was awaited is gone"
    );
    let answers = world.emulator.answers(&said.conversation);
    let private: Vec<_> = answers
        .iter()
        .filter(|one| one.visible_to.is_some())
        .collect();
    assert_eq!(private.len(), 1, "{answers:?}");
    assert!(
        private[0].text.contains("AgentFailed"),
        "{}",
        private[0].text
    );
    assert_eq!(
        card(private[0]).map(|card| card.state),
        Some(CardState::Failed)
    );
    assert_eq!(world.emulator.look(|view| view.spinning_cards().count()), 0);
    // What was said already stays where it was said.
    ask(&world, "steps\nsay 前一半\nfail");
    tokio::time::sleep(Duration::from_secs(300)).await;
    let seen = seen_by_others(&world);
    assert!(
        seen.last().is_some_and(|last| last.text.contains("前一半")),
        "{seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn b17_without_a_card_the_asker_is_written_to_alone() {
    for (privacy, question) in [(Privacy::All, "你好"), (Privacy::Errors, "steps\nfail")] {
        let world = discreet(privacy).await;
        world
            .emulator
            .fault(Fault::undelivered().on(CREATE).always());
        ask(&world, question);
        let direct = world.emulator.direct("林小满").expect("she exists");
        let answers = world.emulator.wait_for_answers(&direct, 1).await;
        let answers = answers.expect("it is answered");
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert!(
            answers[0].text.starts_with(&format!("「{GROUP}」")),
            "{answers:?}"
        );
        assert_eq!(world.emulator.answers(&direct).len(), 1);
        assert_eq!(seen_by_others(&world), [], "{privacy:?}");
        assert_eq!(world.emulator.look(|view| view.spinning_cards().count()), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn b17_a_guest_without_a_user_id_gets_no_private_card_that_all_would_see() {
    let mut platform = dingtalk_emulator::World::demo();
    let guest = dingtalk_emulator::Person::new("外部顾问", "guest01");
    platform.people.push(guest.external());
    platform.groups[0].members.insert("guest01".into());
    let rules = AccountRules {
        cards: true,
        privacy: Privacy::All,
        ..AccountRules::default()
    };
    let platform = Emulator::builder().world(platform);
    let world = World::looking(platform, rules, Look::with_buttons()).await;
    let question = Utterance::text("外部顾问", "你好")
        .in_group(GROUP)
        .mentioning_bot();
    let said = world.emulator.utter(&question).expect("it is said");
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(seen_by_others(&world), []);
    assert_eq!(world.emulator.look(|view| view.cards().count()), 0);
    // Whoever looks after the gateway sees what was not sent.
    let entries = world.store.journal(said.message.as_str().to_owned()).await;
    let entries = entries.expect("it can be read");
    let failed =
        |(_, settled): &(_, Option<Settlement>)| matches!(settled, Some(Settlement::Failed { .. }));
    assert!(entries[0].replies.iter().all(failed), "{entries:?}");
    assert!(!entries[0].replies.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_many_messages_is_one_file_and_nothing_is_missing() {
    let text = format!("# 年度报告\n\n{}", "一二三四五六七八九十。\n".repeat(2_000));
    for cards in [true, false] {
        let rules = AccountRules {
            cards,
            most_messages: 3,
            ..AccountRules::default()
        };
        let world = World::looking(Emulator::builder(), rules, Look::with_buttons()).await;
        let said = world
            .emulator
            .say("林小满", &format!("raw\n{text}"))
            .expect("it is said");
        let answers = world.emulator.wait_for_answers(&said.conversation, 2).await;
        answers.expect("it is answered");
        tokio::time::sleep(Duration::from_secs(300)).await;
        let answers = world.emulator.answers(&said.conversation);
        assert_eq!(answers.len(), 2, "{answers:?}");
        assert_eq!(card(&answers[0]).is_some(), cards);
        assert!(
            answers[0].text.contains("InFile { name: \"年度报告.md\" }"),
            "{}",
            answers[0].text
        );
        assert!(!answers[0].may_not_render);
        let file = &answers[1].attachments[0];
        assert_eq!(file.file_name, "年度报告.md");
        assert_eq!(String::from_utf8_lossy(&file.bytes), text.trim_end());
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_with_everything_is_still_one_card() {
    let style = Style::from(Look::with_buttons());
    let world = styled(style).await;
    let lines: Vec<String> = (0..120)
        .map(|number| format!("tool 第{number}步"))
        .collect();
    let mut script: Vec<&str> = lines.iter().map(String::as_str).collect();
    script.push("say 好了。");
    let shown = steps(&world, &script, 0).await;
    let card = card(&shown).expect("it is a card");
    assert_eq!(card.blocks.len(), 42);
    assert!(shown.text.contains("好了。"));
}
