//! How cards look and how fast they type.

use std::time::Duration;

use dingtalk::api::CardVariables;
use dingtalk::id::TemplateId;
use serde_json::json;

/// How the cards of a bot look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The template, published in the organisation of the app or public.
    pub template: TemplateId,
    /// The variable of the template that streams.
    pub key: String,
    /// Whether the template has buttons to stop and to rate.
    pub has_buttons: bool,
    /// Whether the template shows an answer in blocks: has the variables `blockList`, `copy_content` and `statusLine` of the
    /// public template with buttons (protocol reference §6.8).
    pub has_blocks: bool,
    /// The template on which agents ask what has fields; `None`: they ask in messages.
    pub form: Option<TemplateId>,
    /// What is shown while the answer is written.
    pub streaming: Streaming,
    /// Whether nobody is notified when a card appears. What is written on it later notifies nobody in any case.
    pub is_silent: bool,
    /// The time between two updates. Default 1 s.
    pub interval: Duration,
    /// For how long answers come as messages once a card was refused. `None`: a minute where it may pass, else half an hour.
    pub pause: Option<Duration>,
    /// What stands at the foot of a finished card.
    pub status: StatusLine,
}

/// What is shown while an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Streaming {
    /// Nothing: the card appears with the finished answer.
    Off,
    /// The answer.
    #[default]
    Answer,
    /// The answer, and before it what was thought.
    All,
}

/// What stands at the foot of a finished card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusLine {
    /// Which model answered.
    pub model: bool,
    /// How hard the model was told to think.
    pub effort: bool,
    /// Who answered.
    pub agent: bool,
    /// How long it took.
    pub elapsed: bool,
    /// What it cost in tokens.
    pub tokens: bool,
    /// How many calls of the month the card has taken.
    pub calls: bool,
    /// That an AI wrote it.
    pub label: bool,
}

impl Default for StatusLine {
    /// Only that an AI wrote it, as Chinese rules for generated content ask.
    fn default() -> Self {
        Self {
            model: false,
            effort: false,
            agent: false,
            elapsed: false,
            tokens: false,
            calls: false,
            label: true,
        }
    }
}

/// DingTalk's public template (protocol reference §6.8). Has no buttons.
const PUBLIC: &str = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema";
/// The public template with buttons that other robots use.
pub(super) const WITH_BUTTONS: &str = "675cde2f-f526-40cb-b828-f5b2b57b8b77.schema";

/// The form that other robots use.
const FORM: &str = "c2a6355b-9724-4f7e-9653-d33fcb3311bb.schema";

impl Default for Look {
    fn default() -> Self {
        Self::of(PUBLIC)
    }
}

impl Look {
    /// The look of a template. What is not known of one of your own: its streaming variable is taken to be `content`, and
    /// to have buttons, and not to have blocks.
    pub fn of(template: &str) -> Self {
        Self {
            template: TemplateId::new(template),
            key: if template == PUBLIC {
                "msgContent"
            } else {
                "content"
            }
            .to_owned(),
            has_buttons: template != PUBLIC,
            has_blocks: template == WITH_BUTTONS,
            // Whoever uses the one uses the other.
            form: (template == WITH_BUTTONS).then(|| TemplateId::new(FORM)),
            streaming: Streaming::default(),
            is_silent: false,
            interval: Duration::from_secs(1),
            pause: None,
            status: StatusLine::default(),
        }
    }

    /// The look of the public template with buttons.
    pub fn with_buttons() -> Self {
        Self::of(WITH_BUTTONS)
    }

    /// What a card holds when it is made.
    pub(super) fn beginning(&self) -> CardVariables {
        let mut variables = CardVariables::new()
            .with(self.key.as_str(), "")
            .with("flowStatus", "2");
        variables.set_json(
            "config",
            &json!({"autoLayout": true, "enableForward": true}),
        );
        if self.template.as_str() == PUBLIC {
            variables.set("staticMsgContent", "");
            variables.set_json("sys_full_json_obj", &json!({"order": [self.key]}));
        } else if self.has_buttons {
            variables.set("hasAction", "true");
            variables.set("stop_action", "true");
        }
        variables
    }

    /// Whether agents may ask on cards.
    pub(in crate::dingtalk) fn can_ask(&self) -> bool {
        super::inquiry::has_data_buttons(&self.template)
    }
}
