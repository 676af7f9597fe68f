//! Pages under made-up and random answers.

use proptest::prelude::*;

use super::{Limits, pages};
use crate::message::Format;

const SMALL: Limits = Limits {
    characters: 60,
    bytes: 200,
};

fn bodies(text: &str, limits: Limits) -> Vec<String> {
    pages(text, Format::Markdown, limits)
        .into_iter()
        .map(|page| page.body)
        .collect()
}

/// What must survive whatever the cuts: everything but white space and fence lines.
fn essence(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("```"))
        .flat_map(str::chars)
        .filter(|character| !character.is_whitespace())
        .collect()
}

#[test]
fn a_short_answer_is_one_page_with_a_plain_title() {
    let plan = pages("你好！\n我是小钳。", Format::Markdown, Limits::default());
    assert_eq!(plan.len(), 1);
    assert_eq!(plan[0].title, "你好！");
    assert_eq!(plan[0].body, "你好！\n我是小钳。");
    assert!(pages(" \n ", Format::Markdown, Limits::default()).is_empty());
}

#[test]
fn nine_thousand_characters_with_code() {
    let code: String = (0..200)
        .map(|line| format!("    let 变量_{line} = {line}; // 注释\n"))
        .collect();
    let text = format!(
        "# 报告\n\n{}\n\n```rust\n{code}```\n\n结束",
        "这是一段很长的说明。".repeat(400)
    );
    let plan = pages(&text, Format::Markdown, Limits::default());
    assert!(plan.len() >= 3);
    for (index, page) in plan.iter().enumerate() {
        assert!(page.body.chars().count() <= 3_800);
        assert_eq!(
            page.body.matches("```").count() % 2,
            0,
            "fences balance on page {index}"
        );
        assert_eq!(page.title, format!("报告 ({}/{})", index + 1, plan.len()));
    }
    let inside = plan
        .iter()
        .find(|page| page.body.starts_with("```rust\n    let"))
        .expect("code goes on in a fence of its own");
    assert!(inside.body.contains("变量_"));
    assert_eq!(
        essence(&text),
        plan.iter()
            .map(|page| essence(&page.body))
            .collect::<String>()
    );
}

#[test]
fn paragraphs_are_kept_together_where_they_fit() {
    let first = "第一段".repeat(12);
    let second = "第二段".repeat(12);
    assert_eq!(
        bodies(&format!("{first}\n\n{second}"), SMALL),
        [first, second]
    );
}

#[test]
fn four_byte_characters_respect_the_byte_limit() {
    let plan = bodies(&"😀".repeat(3_800), Limits::default());
    assert_eq!(plan.concat(), "😀".repeat(3_800));
    for body in plan {
        assert!(serde_json::to_string(&body).expect("text is JSON").len() <= 14_002);
    }
}

#[test]
fn plain_text_knows_no_fences() {
    let text = format!("```\n{}", "字".repeat(100));
    let plan = pages(&text, Format::Text, SMALL);
    assert_eq!(
        plan.iter()
            .map(|page| page.body.matches("```").count())
            .sum::<usize>(),
        1
    );
}

proptest! {
    #[test]
    fn nothing_is_lost_and_every_page_fits(
        lines in prop::collection::vec(prop_oneof![
            "[a-z 你好，。]{0,90}",
            Just("```".to_owned()),
            Just("```rust".to_owned()),
            Just(String::new()),
            "(👨‍👩‍👧‍👦|é|字|x){0,70}",
        ], 0..30),
    ) {
        let text = lines.join("\n");
        let plan = bodies(&text, SMALL);
        prop_assert_eq!(essence(&text), plan.iter().map(|body| essence(body)).collect::<String>());
        for body in &plan {
            prop_assert!(body.chars().count() <= SMALL.characters, "{} characters", body.chars().count());
            prop_assert!(!body.is_empty());
            prop_assert!(!body.starts_with('\u{200d}') && !body.ends_with('\u{200d}'), "an emoji was torn");
        }
    }
}
