//! Tells what came with a question: what a model would get to read and see.

use std::fmt::Write as _;

use chela_engine::ports::{AgentRequest, Material, Quoted};
use chela_engine::text::readable;

use super::words::{Language, shortened};

/// Characters of a text that are shown.
const SHOWN: usize = 80;

/// A list of everything that came with a question, and of what it quotes.
pub(super) fn received(language: Language, request: &AgentRequest) -> String {
    let mut text = String::new();
    if !request.materials.is_empty() {
        text.push_str(match language {
            Language::Chinese => "收到：\n\n",
            Language::English => "I received:\n\n",
        });
        list(&mut text, language, &request.materials);
    }
    for quoted in &request.quotes {
        quote(&mut text, language, quoted);
    }
    text
}

fn list(text: &mut String, language: Language, materials: &[Material]) {
    for material in materials {
        text.push_str("- ");
        text.push_str(&line(language, material));
        text.push('\n');
    }
    text.push('\n');
}

fn line(language: Language, material: &Material) -> String {
    let name = material.name.as_deref().map(readable);
    let name = name.unwrap_or_else(|| material.kind.name().to_owned());
    let mut line = format!("**{name}**");
    if let Some(media_type) = &material.media_type {
        write!(line, " · {media_type}").expect("a string takes everything");
    }
    if let Some(size) = material.size {
        write!(line, " · {size} B").expect("a string takes everything");
    }
    let pictures = material.pictures.len();
    if pictures > 0 {
        match language {
            Language::Chinese => write!(line, " · 图 {pictures} 张"),
            Language::English if pictures == 1 => write!(line, " · 1 picture"),
            Language::English => write!(line, " · {pictures} pictures"),
        }
        .expect("a string takes everything");
    }
    if let Some(first) = material.text.as_deref().and_then(first_line) {
        match language {
            Language::Chinese => write!(line, " · 第一行：{first}"),
            Language::English => write!(line, " · first line: {first}"),
        }
        .expect("a string takes everything");
    }
    for remark in &material.remarks {
        write!(line, " · {remark}").expect("a string takes everything");
    }
    line
}

fn quote(text: &mut String, language: Language, quoted: &Quoted) {
    let first = first_line(&quoted.text).unwrap_or_default();
    text.push_str(match language {
        Language::Chinese => "你引用了：",
        Language::English => "You quoted: ",
    });
    text.push_str(&first);
    if let Some(remark) = &quoted.remark {
        write!(text, "（{remark}）").expect("a string takes everything");
    }
    text.push_str("\n\n");
    if !quoted.materials.is_empty() {
        list(text, language, &quoted.materials);
    }
}

fn first_line(text: &str) -> Option<String> {
    // Marks of pages are comments, and a fence is no line of the file.
    let is_said =
        |line: &&str| !line.is_empty() && !line.starts_with("<!--") && !line.starts_with("```");
    let line = text.lines().map(str::trim).find(is_said)?;
    Some(shortened(&readable(line), SHOWN))
}
