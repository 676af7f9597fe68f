//! The long answer: headings, lists, a table, and a code block that no single message can hold.

use super::words::Language;

/// About 9,000 characters of Markdown. The code in it is that of this agent.
pub(super) fn long_answer(language: Language) -> String {
    let page = match language {
        Language::Chinese => include_str!("showcase.zh.md"),
        Language::English => include_str!("showcase.en.md"),
    };
    // Whichever of the files a page shows; the Chinese one says the same in fewer characters and shows one more.
    page.replace("{{play.rs}}", include_str!("play.rs").trim_end())
        .replace("{{agent.rs}}", include_str!("agent.rs").trim_end())
        .replace("{{roster.rs}}", include_str!("../roster.rs").trim_end())
}
