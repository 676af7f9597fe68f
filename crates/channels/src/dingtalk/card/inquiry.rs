//! What agents ask people, on cards: an approval with two buttons, a question as a form (protocol reference §6.8).

use chela_engine::id::CardId;
use chela_engine::inquiry::{Field, InquiryCard, Standing, Subject};
use chela_engine::message::InboundMessage;
use dingtalk::api::{CardVariables, UpdateCard};
use dingtalk::card::Origin;
use dingtalk::id::{MessageId, ProcessQueryKey, TemplateId};
use dingtalk::{Error, ErrorKind};
use serde_json::{Value, json};

use super::pauses::Pauses;
use super::place::Place;
use crate::dingtalk::markdown::{Profile, render};
use crate::dingtalk::words::{Phrase, Words};

/// The button that says yes, and the one that says no.
pub(super) const APPROVE: &str = "inquiry_approve";
pub(super) const DENY: &str = "inquiry_deny";
/// What both say along with it: the name of what is asked.
pub(super) const NAMED: &str = "inquiry";
/// A finished card (protocol reference §6.7): nothing on it is being written.
const FINISHED: &str = "3";
/// Characters of a call that stand below the decision.
const SHOWN: usize = 600;

/// The name of a card on which an agent asks something: each try finds it again.
pub(in crate::dingtalk) fn inquiry_card(
    message: &InboundMessage,
    ordinal: u32,
    place: u32,
) -> CardId {
    let id = MessageId::new(message.key());
    let origin = Origin {
        account: message.account.as_str(),
        message: &id,
        turn: ordinal,
        sequence: place + 1,
    };
    CardId::new(origin.out_track_id().as_str())
}

/// Puts something before a person; `body` says it in common markdown.
///
/// # Errors
/// The platform's. What is not passing leaves the way by message.
pub(in crate::dingtalk) async fn ask(
    place: &Place,
    inquiry: &InquiryCard,
    body: &str,
    pauses: &Pauses,
) -> Result<Option<ProcessQueryKey>, Error> {
    let words = place.words.as_ref();
    let (template, variables) = match &inquiry.subject {
        Subject::Approval(_) => (
            Some(place.look().template.clone()),
            approval(inquiry, body, words),
        ),
        Subject::Form(_) => (place.look().form.clone(), form(inquiry, words)),
    };
    match template {
        Some(template) => place.create_with(template, variables, pauses).await,
        None => Err(unusable()),
    }
}

/// Says how it has ended. A card that is not there needs no end.
pub(in crate::dingtalk) async fn close(place: &Place, inquiry: &InquiryCard) -> Result<(), Error> {
    let Some(variables) = closed(inquiry) else {
        return Ok(());
    };
    let update = UpdateCard {
        card: place.name(),
        variables,
        private: Default::default(),
    };
    match place.client().send(update).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn approval(inquiry: &InquiryCard, body: &str, words: &dyn Words) -> CardVariables {
    let button = |phrase: Phrase<'_>, color: &str, action: &str| {
        json!({
            "text": words.phrase(&phrase),
            "color": color,
            "event": {"type": "sendCardRequest", "params": {
                "actionId": action,
                "params": {NAMED: inquiry.id.as_str()},
            }},
        })
    };
    let blocks = json!([
        {"type": 0, "markdown": render(body, Profile::Card, words)},
        {"type": 4, "btns": [
            button(Phrase::Approve, "blue", APPROVE),
            button(Phrase::Deny, "red", DENY),
        ]},
    ]);
    let mut variables = CardVariables::new()
        .with("content", "")
        .with("flowStatus", FINISHED)
        .with("hasAction", "false");
    variables.set_json("blockList", &blocks);
    variables.set_json("config", &json!({"autoLayout": true}));
    variables
}

fn form(inquiry: &InquiryCard, words: &dyn Words) -> CardVariables {
    let Subject::Form(form) = &inquiry.subject else {
        return CardVariables::new();
    };
    let fields: Vec<Value> = form.fields.iter().map(field).collect();
    let mut variables = CardVariables::new()
        .with("question_id", inquiry.id.as_str())
        .with("question_title", form.title.as_str())
        .with("question_desc", form.description.as_str())
        .with("form_btn_text", words.phrase(&Phrase::Submit))
        .with("card_status", "pending")
        .with("selected_text", "")
        .with("selected_values", "");
    variables.set_json("form", &json!({"fields": fields}));
    variables
}

fn field(field: &Field) -> Value {
    let mut shown = json!({
        "name": field.name,
        "label": field.label,
        "type": field.kind.word(),
        "required": field.required,
    });
    if field.kind.is_choice() {
        let options = field.options.iter();
        let options: Vec<Value> = options
            .map(|(value, text)| json!({"value": value, "text": text}))
            .collect();
        shown["options"] = options.into();
    }
    shown
}

/// What a card shows when it is over; `None` while it is not.
pub(super) fn closed(inquiry: &InquiryCard) -> Option<CardVariables> {
    let Standing::Closed { state, words } = &inquiry.standing else {
        return None;
    };
    Some(match &inquiry.subject {
        Subject::Approval(approval) => {
            let call: String = approval.arguments.chars().take(SHOWN).collect();
            // What stands in an indented block is only text, whatever it is.
            let call: String = call.lines().map(|line| format!("    {line}\n")).collect();
            let tool = approval.tool.replace(['`', '\n'], " ");
            let blocks = json!([
                {"type": 0, "markdown": format!("{words}\n\n`{tool}`\n\n{call}")},
            ]);
            let mut variables = CardVariables::new().with("statusLine", words.as_str());
            variables.set_json("blockList", &blocks);
            variables
        }
        Subject::Form(_) => {
            let status = match state.as_str() {
                "answered" => "submitted",
                "cancelled" => "cancelled",
                _ => "expired",
            };
            CardVariables::new()
                .with("card_status", status)
                .with("selected_text", words.as_str())
        }
    })
}

/// What whoever is refused sees alone, in the place where either template has room for it.
pub(super) fn told(words: &str) -> CardVariables {
    CardVariables::new()
        .with("statusLine", words)
        .with("selected_text", words)
}

fn unusable() -> Error {
    Error {
        kind: ErrorKind::Invalid,
        code: "template".to_owned(),
        message: "the bot has no template for a form".to_owned(),
        request_id: None,
        status: None,
    }
}

/// Whether the cards of a template have buttons that the data describes.
pub(super) fn has_data_buttons(template: &TemplateId) -> bool {
    template.as_str() == super::look::WITH_BUTTONS
}
