//! The scripted agent through its port.

use std::time::Duration;

use chela_engine::attachment::AttachmentKind;
use chela_engine::media_type::MediaType;
use chela_engine::ports::{
    Agent, AgentError, AgentErrorKind, AgentEvent, AgentRequest, Material, Picture, Quoted,
    TranscriptEntry, TranscriptRole,
};
use chela_engine::quote::Author;
use chela_engine::testing::{direct_message, request};
use chela_engine::time::Timestamp;
use futures_util::StreamExt;
use tokio::time::Instant;

use super::{Pace, Scripted};

fn ask(question: &str) -> AgentRequest {
    request(direct_message("msg-1", "林小满", question))
}

fn remembering(mut request: AgentRequest, entries: &[(TranscriptRole, &str)]) -> AgentRequest {
    request.history = entries
        .iter()
        .map(|(role, text)| TranscriptEntry {
            role: *role,
            text: (*text).to_owned(),
            at: Timestamp(0),
        })
        .collect();
    request
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    text: String,
    reasoning: String,
    pieces: usize,
    usage: bool,
    error: Option<AgentErrorKind>,
}

async fn answer(pace: Pace, request: AgentRequest) -> Answer {
    let mut events = Scripted::new(pace).run(request);
    let mut answer = Answer::default();
    while let Some(event) = events.next().await {
        assert_eq!(answer.error, None, "nothing comes after an error");
        match event {
            Ok(AgentEvent::Text(piece)) => {
                answer.text.push_str(&piece);
                answer.pieces += 1;
            }
            Ok(AgentEvent::Reasoning(piece)) => answer.reasoning.push_str(&piece),
            Ok(AgentEvent::Usage(usage)) => answer.usage = usage.input_tokens > 0,
            Ok(other) => panic!("unexpected {other:?}"),
            Err(AgentError { kind, .. }) => answer.error = Some(kind),
        }
    }
    answer
}

fn material(name: &str, text: Option<&str>, pictures: usize) -> Material {
    Material {
        kind: AttachmentKind::File,
        name: Some(name.to_owned()),
        media_type: Some(MediaType::sniff(b"")),
        size: Some(2_048),
        path: None,
        text: text.map(str::to_owned),
        pictures: vec![
            Picture {
                path: "/nowhere".into(),
                media_type: MediaType::sniff(b"\x89PNG\r\n\x1a\n"),
            };
            pictures
        ],
        remarks: vec!["只读了前 3 页".to_owned()],
    }
}

#[tokio::test]
async fn it_tells_what_came_with_a_question() {
    let mut request = ask("看看这个");
    request.materials = vec![
        material("报表.xlsx", Some("\n# 第一行\n第二行"), 0),
        material("图.png", None, 2),
    ];
    request.quotes = vec![Quoted {
        author: Author::Bot,
        written_at: None,
        text: "早些时候的回答".to_owned(),
        materials: vec![material("旧.txt", None, 0)],
        remark: None,
    }];
    let said = answer(Pace::INSTANT, request).await.text;
    for part in [
        "报表.xlsx",
        "# 第一行",
        "2 张",
        "只读了前 3 页",
        "早些时候的回答",
        "旧.txt",
        "看看这个",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("第二行"));
    let mut request = ask("");
    request.materials = vec![material("a.txt", None, 0)];
    assert!(answer(Pace::INSTANT, request).await.text.contains("收到"));
    let mut request = ask("look at this");
    request.materials = vec![material("a.txt", Some("hello"), 1)];
    let said = answer(Pace::INSTANT, request).await.text;
    assert!(said.contains("a.txt") && said.contains("hello") && said.contains("1 picture"));
}

async fn instant(question: &str) -> Answer {
    answer(Pace::INSTANT, ask(question)).await
}

#[tokio::test]
async fn other_questions_are_quoted_back_in_their_language() {
    let chinese = instant("报销怎么走\n要几天？").await;
    assert!(chinese.text.contains("> 报销怎么走\n> 要几天？\n"));
    assert!(chinese.text.contains("发「帮助」"));
    assert!(chinese.pieces > 10 && chinese.usage);
    let english = instant("How long does it take?").await;
    assert!(english.text.contains("> How long does it take?\n"));
    assert!(english.text.contains("Send “help”"));
    let long = instant(&"很".repeat(10_000)).await;
    assert!(long.text.contains(&format!("> {}…\n", "很".repeat(300))));
}

#[tokio::test]
async fn every_number_of_the_show() {
    assert!(instant("你好").await.text.contains("林小满，你好"));
    assert!(instant("help").await.text.contains("**error midway**"));
    assert!(instant("你能做什么？").await.text.contains("**半途出错**"));

    let error = instant("出错").await;
    assert_eq!((error.text.as_str(), error.usage), ("", false));
    assert_eq!(error.error, Some(AgentErrorKind::Unavailable));
    let midway = instant("半途出错").await;
    assert!(midway.text.contains("先说前一半"));
    assert_eq!(midway.error, Some(AgentErrorKind::Unavailable));

    let thinking = instant("只思考").await;
    assert!(thinking.text.is_empty() && thinking.reasoning.contains("只想，不说"));
    assert_eq!((thinking.error, thinking.usage), (None, true));
    let empty = instant("空").await;
    assert_eq!((empty.text.as_str(), empty.error), ("", None));
    assert_eq!(instant("复述 你好\0👨‍👩‍👧").await.text, "你好\0👨‍👩‍👧");
}

#[tokio::test]
async fn a_long_answer_has_the_parts_that_are_hard_to_cut() {
    for word in ["长文", "long"] {
        let answer = instant(word).await;
        let characters = answer.text.chars().count();
        assert!((8_500..10_000).contains(&characters), "{characters}");
        assert!(answer.pieces <= 200, "{}", answer.pieces);
        for mark in ["\n## ", "\n1. ", "\n   - ", "\n|---|", "\n> ", "👨‍👩‍👧‍👦"] {
            assert!(answer.text.contains(mark), "{mark}");
        }
        let code = answer.text.split("```").nth(1).unwrap();
        assert!(code.chars().count() > 3_800, "{}", code.chars().count());
    }
}

#[tokio::test]
async fn earlier_questions_are_remembered() {
    use TranscriptRole::{Assistant, User};
    let none = answer(Pace::INSTANT, ask("记得吗")).await;
    assert!(none.text.contains("刚开始"));
    let history = [
        (User, "会议室在哪\n几楼"),
        (Assistant, "三楼"),
        (User, "谢谢"),
    ];
    let request = remembering(ask("记得吗？"), &history);
    let two = answer(Pace::INSTANT, request).await;
    assert_eq!(
        two.text,
        "记得。这次会话里，你之前发过 2 条消息：\n\n1. 会议室在哪 几楼\n2. 谢谢\n"
    );
    let request = remembering(ask("remember?"), &[(User, "x"); 7]);
    let seven = answer(Pace::INSTANT, request).await;
    assert!(seven.text.contains("7 messages") && seven.text.contains("\n\n3. x\n"));
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_kept() {
    let began = Instant::now();
    answer(Pace::default(), ask("慢")).await;
    let slow = began.elapsed();
    assert!(slow > Duration::from_secs(12) && slow < Duration::from_secs(20));

    let began = Instant::now();
    answer(Pace::default(), ask("长文")).await;
    assert!(began.elapsed() <= Duration::from_secs(8));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_answer_just_ends() {
    let request = ask("慢");
    let cancel = request.cancel.clone();
    let mut events = Scripted::default().run(request);
    let first = events.next().await.unwrap().unwrap();
    assert!(matches!(first, AgentEvent::Text(_)), "{first:?}");
    cancel.cancel();
    assert_eq!(events.next().await, None);
}
