//! Card templates: what they show, what may be streamed, what can be pressed (protocol reference §6.8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, TemplateId};

/// A card template, as its designer made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardTemplate {
    /// `<uuid>.schema`.
    pub id: TemplateId,
    /// The application that made it; `None` for a public one. Other applications' cards of it are accepted, and
    /// people see 「内容加载失败」 (C1).
    #[serde(default)]
    pub owner: Option<ClientId>,
    /// Whether it was published; else cards of it are refused.
    #[serde(default = "yes")]
    pub is_published: bool,
    /// Whether it is of the type 「AI 卡片」 and goes through [`CardState`](super::CardState)s by `flowStatus`.
    #[serde(default = "yes")]
    pub has_states: bool,
    /// What it does with each variable; it ignores others.
    pub variables: BTreeMap<String, VariableKind>,
    /// Ids of what can be pressed, besides the buttons in `blockList`.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Whether more can be pressed than [`actions`](Self::actions) names: buttons that the data describes.
    #[serde(default)]
    pub takes_any_action: bool,
}

fn yes() -> bool {
    true
}

/// What a template does with a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VariableKind {
    /// Markdown that may be streamed, with `isFull` only.
    StreamedMarkdown,
    /// Plain text that may be streamed.
    StreamedText,
    /// Text that is shown and cannot be streamed.
    Text,
    /// The title.
    Title,
    /// What is quoted above the answer.
    Quote,
    /// A small line at the bottom.
    StatusLine,
    /// `blockList`: an array of thoughts, tools, answers, pictures and buttons.
    Blocks,
    /// Not shown: switches, layout, what a button copies.
    Hidden,
}

impl VariableKind {
    /// Whether `PUT /v1.0/card/streaming` takes it.
    pub fn is_streamed(self) -> bool {
        matches!(self, Self::StreamedMarkdown | Self::StreamedText)
    }
}

impl CardTemplate {
    /// A published 「AI 卡片」 of everybody, without variables.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            owner: None,
            is_published: true,
            has_states: true,
            variables: BTreeMap::new(),
            actions: Vec::new(),
            takes_any_action: false,
        }
    }

    /// Adds a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, kind: VariableKind) -> Self {
        self.variables.insert(name.to_owned(), kind);
        self
    }

    /// Adds something that can be pressed.
    #[must_use]
    pub fn action(mut self, id: &str) -> Self {
        self.actions.push(id.to_owned());
        self
    }

    /// Makes it an application's own.
    #[must_use]
    pub fn owned_by(mut self, app: &ClientId) -> Self {
        self.owner = Some(app.clone());
        self
    }

    /// Takes the publication back.
    #[must_use]
    pub fn unpublished(mut self) -> Self {
        self.is_published = false;
        self
    }

    /// Makes it a card that just stands there.
    #[must_use]
    pub fn without_states(mut self) -> Self {
        self.has_states = false;
        self
    }

    fn hidden(self, names: &[&str]) -> Self {
        names.iter().fold(self, |template, name| {
            template.variable(name, VariableKind::Hidden)
        })
    }

    fn any_action(mut self) -> Self {
        self.takes_any_action = true;
        self
    }

    /// Those whose variables are known from real clients. Of the others in protocol reference §6.8 only the ids are
    /// known.
    pub fn known() -> Vec<Self> {
        use VariableKind::{
            Blocks, Quote, StatusLine, StreamedMarkdown, StreamedText, Text, Title,
        };
        const AI: &[&str] = &["flowStatus", "sys_full_json_obj", "config"];
        vec![
            // The public AI template of conn and dws.
            Self::new("02fcf2f4-5e02-4a85-b672-46d1f715543e.schema")
                .variable("msgContent", StreamedMarkdown)
                .variable("staticMsgContent", Text)
                .hidden(AI),
            // The AI markdown card of the official Python SDK.
            Self::new("382e4302-551d-4880-bf29-a30acfab2e71.schema")
                .variable("msgTitle", Title)
                .variable("msgContent", StreamedMarkdown)
                .variable("staticMsgContent", Text)
                .hidden(AI)
                .hidden(&[
                    "logo",
                    "msgTextList",
                    "msgImages",
                    "msgSlider",
                    "msgButtons",
                ])
                .any_action(),
            // The template of blocks of soimy and qwen-code.
            Self::new("675cde2f-f526-40cb-b828-f5b2b57b8b77.schema")
                .variable("content", StreamedMarkdown)
                .variable("blockList", Blocks)
                .variable("quoteContent", Quote)
                .variable("statusLine", StatusLine)
                .hidden(&["flowStatus", "config", "copy_content", "hasAction"])
                .hidden(&["stop_action", "taskInfo", "version"])
                .action("btn_stop")
                .action("feedback_up")
                .action("feedback_down"),
            // The form of soimy and qwen-code.
            Self::new("c2a6355b-9724-4f7e-9653-d33fcb3311bb.schema")
                .variable("question_title", Title)
                .variable("question_desc", Text)
                .variable("selected_text", Text)
                .hidden(&["question_id", "form_btn_text", "card_status", "form"])
                .hidden(&["selected_values"])
                .without_states()
                .any_action(),
            // The markdown cards of the official Python SDK, without and with a button.
            Self::new("589420e2-c1e2-46ef-a5ed-b8728e654da9.schema")
                .variable("title", Title)
                .variable("markdown", Text)
                .without_states(),
            Self::new("1366a1eb-bc54-4859-ac88-517c56a9acb1.schema")
                .variable("title", Title)
                .variable("markdown", Text)
                .without_states()
                .any_action(),
            // Replies of an AI skill, and the example of the documentation.
            Self::new("d28e2ac5-fb34-4d93-94bc-cf5c580c2d4f.schema")
                .variable("content", StreamedText)
                .hidden(AI),
            Self::new("8aebdfb9-28f4-4a98-98f5-396c3dde41a0.schema")
                .variable("content", StreamedMarkdown)
                .hidden(AI),
        ]
    }
}
