//! A card on the screen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::id::{OutTrackId, PersonId, TemplateId};
use crate::platform::Fate;

/// A card as it stands on the screen, and how it came to be so.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ShownCard {
    /// The name that the bot gave it.
    pub out_track_id: OutTrackId,
    /// Its template.
    pub template: TemplateId,
    /// Where it is between thinking and its end.
    pub state: CardState,
    /// Everybody's data, whether the template shows it or not.
    pub variables: BTreeMap<String, String>,
    /// Data that single people see in the place of everybody's.
    pub private: BTreeMap<PersonId, BTreeMap<String, String>>,
    /// What is quoted above the answer.
    pub quote: Option<String>,
    /// `blockList`, as far as it can be read.
    pub blocks: Vec<CardBlock>,
    /// What stands below the blocks: the variables that the template shows as text.
    pub body: String,
    /// The small line at the bottom.
    pub status_line: Option<String>,
    /// What can be pressed now, besides buttons in blocks. `btn_stop` goes with the end of the card, and comes only
    /// while `hasAction` or `stop_action` is `true`; the feedback comes with the end.
    pub actions: Vec<String>,
    /// False for a template that belongs to another application: people see 「内容加载失败」 (C1).
    pub is_loadable: bool,
    /// Whether nobody was notified when it appeared: `notification.notificationOff` of its space model.
    pub is_silent: bool,
    /// Whether it ended less than 500 ms after it was delivered, in which case clients were seen to show
    /// 「内容加载失败」 (C16).
    pub ended_too_soon: bool,
    /// What people pressed, oldest first.
    pub clicks: Vec<CardClick>,
    /// Every change, oldest first. Not part of the screen in the control API, which has it at `/control/card`.
    #[serde(skip)]
    pub revisions: Vec<CardRevision>,
}

impl ShownCard {
    /// Whether people see that something is still going on.
    pub fn is_spinning(&self) -> bool {
        self.state.is_spinning()
    }

    /// The variables as this person sees them.
    pub fn variables_for(&self, person: &PersonId) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        variables.extend(self.private.get(person).cloned().unwrap_or_default());
        variables
    }

    /// Times between streaming frames that follow each other.
    pub fn frame_gaps(&self) -> impl Iterator<Item = Duration> {
        let times: Vec<i64> = self
            .revisions
            .iter()
            .filter(|revision| matches!(revision.change, CardChange::Streamed { .. }))
            .map(|revision| revision.at_ms)
            .collect();
        let gaps: Vec<Duration> = times
            .windows(2)
            .map(|pair| Duration::from_millis(u64::try_from(pair[1] - pair[0]).unwrap_or(0)))
            .collect();
        gaps.into_iter()
    }

    /// When it first was done or failed.
    pub fn ended_ms(&self) -> Option<i64> {
        let mut ends = self.revisions.iter().filter(|one| one.state.is_end());
        ends.next().map(|revision| revision.at_ms)
    }

    /// Changes after the first that ended it, oldest first.
    pub fn changes_after_end(&self) -> impl Iterator<Item = &CardRevision> {
        let mut revisions = self.revisions.iter();
        revisions.find(|one| one.state.is_end());
        revisions
    }
}

/// Where a card of the type 「AI 卡片」 is (protocol reference §6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CardState {
    /// 处理中, `flowStatus` 1: delivered, and nothing streamed yet.
    Thinking,
    /// 输入中, `flowStatus` 2.
    Typing,
    /// 完成, `flowStatus` 3.
    Done,
    /// 执行中, `flowStatus` 4.
    Executing,
    /// 失败, `flowStatus` 5.
    Failed,
    /// The template has no states.
    Plain,
}

impl CardState {
    /// Any other status than those of the table is the first.
    pub(crate) fn of(flow_status: Option<&str>) -> Self {
        match flow_status {
            Some("2") => Self::Typing,
            Some("3") => Self::Done,
            Some("4") => Self::Executing,
            Some("5") => Self::Failed,
            _ => Self::Thinking,
        }
    }

    /// Whether people see that something is still going on: for ever, if nobody ends it (C15).
    pub fn is_spinning(self) -> bool {
        matches!(self, Self::Thinking | Self::Typing | Self::Executing)
    }

    /// Done or failed.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// A part of `blockList`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
#[non_exhaustive]
pub enum CardBlock {
    /// `type` 0: markdown.
    Answer {
        /// `markdown`.
        text: String,
    },
    /// `type` 1.
    Thought {
        /// `text`.
        text: String,
    },
    /// `type` 2.
    Tool {
        /// `text`.
        text: String,
    },
    /// `type` 3.
    Picture {
        /// `mediaId`.
        media: String,
    },
    /// `type` 4.
    Buttons {
        /// `btns`.
        buttons: Vec<CardButton>,
    },
    /// `type` 5.
    Topic {
        /// `text`.
        text: String,
    },
}

/// A button in `blockList`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CardButton {
    /// What it says.
    pub text: String,
    /// `event.params.actionId`.
    pub action: String,
    /// `event.params.params`, which come with the click.
    pub params: Value,
}

/// One change of a card.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardRevision {
    /// Platform time in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What changed it.
    pub change: CardChange,
    /// The state after it.
    pub state: CardState,
    /// What people saw after it.
    #[serde(serialize_with = "as_str")]
    pub text: Arc<str>,
}

fn as_str<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// What changed a card.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
#[non_exhaustive]
pub enum CardChange {
    /// It was created.
    Created,
    /// It was delivered to a space.
    Delivered,
    /// `PUT /v1.0/card/instances`.
    Updated {
        /// Whether data that was not in the request is gone.
        overwrites: bool,
    },
    /// `PUT /v1.0/card/streaming`.
    Streamed {
        /// The variable.
        key: String,
        /// `guid`.
        guid: String,
    },
    /// The answer to a click.
    ClickAnswered,
}

/// Something that a person pressed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardClick {
    /// Who.
    pub person: PersonId,
    /// What.
    pub action: String,
    /// Platform time in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What became of the first push.
    pub fate: Fate,
    /// What the person sees.
    pub outcome: ClickOutcome,
}

/// What became of a click (S10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClickOutcome {
    /// Less than two seconds ago, and not answered.
    Pending,
    /// Acknowledged with code 200 within two seconds.
    Answered,
    /// Not acknowledged in time, or with another code; the person is told so.
    Failed,
}
