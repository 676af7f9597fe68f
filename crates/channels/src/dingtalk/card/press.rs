//! The buttons of a card.

use chela_engine::id::{AccountId, CardId, ChannelId, InquiryId, PersonId};
use chela_engine::inquiry::{Answer, Refusal};
use chela_engine::ports::Rating;
use chela_engine::{Handle, InquiryPress, Pressed};
use dingtalk::card::{Click, ClickAnswer};
use dingtalk::stream::Ack;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};

use super::inquiry::{APPROVE, DENY, NAMED, closed, told};
use crate::dingtalk::CHANNEL;

/// What a button is for, by the action ids of the public template (protocol reference §6.8).
enum Button {
    Stop,
    Rate(Rating),
}

/// Somebody has pressed something. The platform waits two seconds for the answer; nothing here takes longer than a look.
pub(in crate::dingtalk) fn press(
    account: &AccountId,
    engine: &Handle,
    data: &str,
) -> BoxFuture<'static, Ack> {
    let Ok(click) = Click::parse(data) else {
        return future::ready(Ack::Malformed).boxed();
    };
    let card = CardId::new(click.card.as_str());
    // Whoever cannot be told from others has no say.
    let Some(user) = &click.user else {
        return future::ready(Ack::Taken).boxed();
    };
    let person = PersonId::new(user.as_str());
    let Some(button) = click.action().and_then(button) else {
        return answer(account, engine, &click, person);
    };
    match button {
        Button::Stop => engine
            .press_stop(card, person)
            .map(|pressed| {
                if pressed == Pressed::NotYours {
                    tracing::info!("somebody else wanted to stop an answer");
                }
                Ack::Taken
            })
            .boxed(),
        Button::Rate(rating) => engine
            .rate(card, person, rating)
            .map(|rated| match rated {
                Ok(()) => Ack::Taken,
                Err(error) => {
                    tracing::warn!(kind = ?error.kind, error = error.source, "a rating was not kept");
                    Ack::Later
                }
            })
            .boxed(),
    }
}

/// What is pressed on a card that asks something; anything else is nobody's business.
fn answer(
    account: &AccountId,
    engine: &Handle,
    click: &Click,
    person: PersonId,
) -> BoxFuture<'static, Ack> {
    let action = click.action().unwrap_or_default();
    let (answer, named) = match action {
        APPROVE => (Some(Answer::Approved), None),
        DENY => (Some(Answer::Denied), None),
        _ if click.is_cancelled() => (None, Some(action)),
        _ if click.parameters.contains_key("form") => {
            let values = click.form();
            (Some(Answer::Filled { values }), Some(action))
        }
        _ => return future::ready(Ack::Taken).boxed(),
    };
    // The form's own button is called by the name of what is asked; the others say it along with it.
    let named = match named {
        Some(action) => action.to_owned(),
        None => click.parameter(NAMED).unwrap_or_default(),
    };
    let bot = (ChannelId::new(CHANNEL), account.clone());
    let press = InquiryPress {
        card: CardId::new(click.card.as_str()),
        named: InquiryId::new(named),
        person,
        answer,
    };
    let decided = engine.press_inquiry(bot, press);
    decided
        .map(|decided| {
            if decided.refused == Some(Refusal::NotKept) {
                // Unacknowledged, it is pushed again.
                return Ack::Later;
            }
            let variables = decided.card.as_ref().and_then(closed).unwrap_or_default();
            let private = match decided.refused {
                Some(_) => told(&decided.words),
                None => Default::default(),
            };
            ClickAnswer { variables, private }.into()
        })
        .boxed()
}

fn button(action: &str) -> Option<Button> {
    match action {
        "btn_stop" | "stop" => Some(Button::Stop),
        "feedback_up" => Some(Button::Rate(Rating::Good)),
        "feedback_down" => Some(Button::Rate(Rating::Bad)),
        _ => None,
    }
}
