//! The buttons of a card.

use chela_engine::id::{CardId, PersonId};
use chela_engine::ports::Rating;
use chela_engine::{Handle, Pressed};
use dingtalk::card::Click;
use dingtalk::stream::Ack;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};

/// What a button is for, by the action ids of the public template (protocol reference §6.8).
enum Button {
    Stop,
    Rate(Rating),
}

/// Somebody has pressed something. The platform waits two seconds for the answer; nothing here takes longer than a look.
pub(in crate::dingtalk) fn press(engine: &Handle, data: &str) -> BoxFuture<'static, Ack> {
    let Ok(click) = Click::parse(data) else {
        return future::ready(Ack::Malformed).boxed();
    };
    let card = CardId::new(click.card.as_str());
    let (Some(user), Some(button)) = (&click.user, click.action().and_then(button)) else {
        // Whoever cannot be told from others has no say.
        return future::ready(Ack::Taken).boxed();
    };
    let person = PersonId::new(user.as_str());
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

fn button(action: &str) -> Option<Button> {
    match action {
        "btn_stop" | "stop" => Some(Button::Stop),
        "feedback_up" => Some(Button::Rate(Rating::Good)),
        "feedback_down" => Some(Button::Rate(Rating::Bad)),
        _ => None,
    }
}
