//! How a card looks: from its variables, by its template.

use serde_json::Value;

use crate::card::{CardBlock, CardButton, CardState, CardTemplate, ShownCard, VariableKind};

/// What people see of a card that cannot be shown.
const NOT_LOADED: &str = "内容加载失败";
/// Beyond this number of characters a part of a card was seen to stay blank (protocol reference §10.14).
const RENDERED_CHARACTERS: usize = 3000;

impl CardTemplate {
    /// Works out everything that follows from the variables.
    pub(crate) fn lay_out(&self, card: &mut ShownCard) {
        let variables = &card.variables;
        card.state = if self.has_states {
            CardState::of(variables.get("flowStatus").map(String::as_str))
        } else {
            CardState::Plain
        };
        let of_kind = |wanted: VariableKind| {
            let mut found = self.variables.iter().filter(|(_, kind)| **kind == wanted);
            let (name, _) = found.next()?;
            variables.get(name).filter(|value| !value.is_empty())
        };
        card.quote = of_kind(VariableKind::Quote).cloned();
        card.status_line = of_kind(VariableKind::StatusLine).cloned();
        card.blocks = of_kind(VariableKind::Blocks)
            .map(|list| blocks(list))
            .unwrap_or_default();
        card.body = self.body(card);
        card.actions = self.pressable(card);
    }

    /// Streamed text first. After the end, an answer in the blocks takes its place: what is left in the variable is
    /// what the copy button copies.
    fn body(&self, card: &ShownCard) -> String {
        let is_in_blocks = card.state.is_end()
            && card
                .blocks
                .iter()
                .any(|block| matches!(block, CardBlock::Answer { .. }));
        let (streamed, still): (Vec<_>, Vec<_>) = self
            .variables
            .iter()
            .filter(|(_, kind)| kind.is_streamed() || **kind == VariableKind::Text)
            .partition(|(_, kind)| kind.is_streamed());
        let texts = streamed
            .into_iter()
            .filter(|_| !is_in_blocks)
            .chain(still)
            .filter_map(|(name, _)| card.variables.get(name).map(String::as_str));
        joined(texts)
    }

    fn pressable(&self, card: &ShownCard) -> Vec<String> {
        let is_set = |name: &str| {
            card.variables
                .get(name)
                .is_some_and(|value| value == "true")
        };
        let shows = |action: &String| match action.as_str() {
            "btn_stop" => card.is_spinning() && (is_set("hasAction") || is_set("stop_action")),
            "feedback_up" | "feedback_down" => card.state.is_end(),
            _ => true,
        };
        self.actions
            .iter()
            .filter(|action| shows(action))
            .cloned()
            .collect()
    }

    pub(crate) fn title(&self, card: &ShownCard) -> Option<String> {
        let mut titles = self
            .variables
            .iter()
            .filter(|(_, kind)| **kind == VariableKind::Title);
        let (name, _) = titles.next()?;
        card.variables
            .get(name)
            .filter(|title| !title.is_empty())
            .cloned()
    }
}

impl ShownCard {
    /// Everything that people read on it, from top to bottom, with empty lines between.
    pub(crate) fn text(&self) -> String {
        if !self.is_loadable {
            return NOT_LOADED.to_owned();
        }
        let blocks: Vec<String> = self.blocks.iter().map(CardBlock::text).collect();
        let texts = blocks
            .iter()
            .map(String::as_str)
            .chain([self.body.as_str()])
            .chain(self.status_line.as_deref());
        joined(texts)
    }

    /// Whether a part of it may stay blank.
    pub(crate) fn may_not_render(&self) -> bool {
        let long = |text: &str| text.chars().count() > RENDERED_CHARACTERS;
        long(&self.body) || self.blocks.iter().any(|block| long(&block.text()))
    }

    pub(crate) fn has_button(&self, action: &str) -> bool {
        self.blocks.iter().any(|block| match block {
            CardBlock::Buttons { buttons } => buttons.iter().any(|button| button.action == action),
            _ => false,
        })
    }
}

impl CardBlock {
    fn text(&self) -> String {
        match self {
            Self::Answer { text }
            | Self::Thought { text }
            | Self::Tool { text }
            | Self::Topic { text } => text.clone(),
            Self::Picture { media } => format!("![]({media})"),
            Self::Buttons { buttons } => {
                let texts: Vec<String> = buttons
                    .iter()
                    .map(|one| format!("[{}]", one.text))
                    .collect();
                texts.join(" ")
            }
        }
    }

    fn read(block: &Value) -> Option<Self> {
        let text = |name: &str| block[name].as_str().unwrap_or_default().to_owned();
        Some(match block["type"].as_i64()? {
            0 => Self::Answer {
                text: text("markdown"),
            },
            1 => Self::Thought { text: text("text") },
            2 => Self::Tool { text: text("text") },
            3 => Self::Picture {
                media: text("mediaId"),
            },
            4 => Self::Buttons {
                buttons: block["btns"]
                    .as_array()?
                    .iter()
                    .map(CardButton::read)
                    .collect(),
            },
            5 => Self::Topic { text: text("text") },
            _ => return None,
        })
    }
}

impl CardButton {
    fn read(button: &Value) -> Self {
        let event = &button["event"]["params"];
        Self {
            text: button["text"].as_str().unwrap_or_default().to_owned(),
            action: event["actionId"].as_str().unwrap_or_default().to_owned(),
            params: event["params"].clone(),
        }
    }
}

/// What is no array shows nothing.
fn blocks(list: &str) -> Vec<CardBlock> {
    let list: Vec<Value> = serde_json::from_str(list).unwrap_or_default();
    list.iter().filter_map(CardBlock::read).collect()
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}
