//! `pairing list|approve|reject|revoke`: through the gateway that runs, else on its store, which nobody else has then.

use chela_engine::ports::Clock as _;
use serde_json::json;

use super::arguments::{PairingCodeArguments, PairingCommand};
use super::entry::{Context, Threads, runtime};
use super::output::plain;
use super::reach::{Reached, failed, reach};
use crate::catalogue::{Code, Exit, Failure, pairing as words};
use crate::clock::SystemClock;
use crate::pairing::{Action, Answer, Hands, Order, Person};
use crate::state::StateDirectory;

/// The only channel that there is.
const CHANNEL: &str = chela_channels::dingtalk::CHANNEL;

pub(super) fn run(context: &Context, command: &PairingCommand) -> Result<Exit, Failure> {
    let state = StateDirectory::locate(&context.environment)?;
    let scope = command.scope();
    let order = Order {
        action: match command {
            PairingCommand::List { .. } => Action::List,
            PairingCommand::Approve(arguments) => Action::Approve(code(arguments)?),
            PairingCommand::Reject(arguments) => Action::Reject(code(arguments)?),
            PairingCommand::Revoke { person, .. } => Action::Revoke(person.clone()),
        },
        channel: scope.channel.map(|_| CHANNEL.to_owned()),
        account: scope.account.clone(),
    };
    let answer = runtime(Threads::One)?.block_on(carry_out(context, &state, &order))?;
    tell(context, &order, answer, scope.json.json)?;
    Ok(Exit::Success)
}

/// The code, behind the name of a channel or not.
fn code(arguments: &PairingCodeArguments) -> Result<String, Failure> {
    match arguments.code.as_slice() {
        [code] => Ok(code.clone()),
        [channel, code] if channel == CHANNEL => Ok(code.clone()),
        _ => Err(Failure::new(Code::Usage).message(words::USAGE.into())),
    }
}

async fn carry_out(
    context: &Context,
    state: &StateDirectory,
    order: &Order,
) -> Result<Answer, Failure> {
    match reach(context, state).await? {
        Reached::Gateway(remote) => remote.post("/api/pairing", order).await,
        Reached::Store(open) => {
            let hands = Hands {
                store: open.store.as_ref(),
                engine: None,
                now: SystemClock.now(),
            };
            let done = hands.carry_out(order.clone()).await;
            done.map_err(|error| failed(&error))
        }
        Reached::Nothing => Ok(match order.action {
            Action::List => Answer::People {
                requests: Vec::new(),
                guests: Vec::new(),
            },
            Action::Approve(_) | Action::Reject(_) => Answer::Unknown,
            Action::Revoke(_) => Answer::Revoked(0),
        }),
    }
}

fn tell(context: &Context, order: &Order, answer: Answer, json: bool) -> Result<(), Failure> {
    let (output, language) = (&context.output, context.language);
    match answer {
        Answer::Unknown => Err(Failure::new(Code::PairingUnknown)),
        Answer::Expired => Err(Failure::new(Code::PairingExpired)),
        Answer::Revoked(0) => Err(Failure::new(Code::PairingNobody)),
        Answer::People { requests, guests } if json => {
            output.json(&json!({ "ok": true, "requests": requests, "guests": guests }))
        }
        Answer::People { requests, guests } => {
            if requests.is_empty() && guests.is_empty() {
                return output.line(words::NONE.get(language));
            }
            for (state, people) in [(words::WAITS, requests), (words::GUEST, guests)] {
                for person in people {
                    output.line(&line(state.get(language), &person))?;
                }
            }
            Ok(())
        }
        Answer::Decided(person) if json => output.json(&json!({ "ok": true, "person": person })),
        Answer::Decided(person) => {
            let granted = matches!(order.action, Action::Approve(_));
            let name = plain(&person.name);
            output.line(words::decided(&name, granted).get(language))
        }
        Answer::Revoked(bots) if json => output.json(&json!({ "ok": true, "bots": bots })),
        Answer::Revoked(_) => output.line(words::REVOKED.get(language)),
    }
}

fn line(state: &str, person: &Person) -> String {
    let cells = [
        person.code.as_deref().unwrap_or("-"),
        state,
        &person.account,
        &person.person,
        &plain(&person.name),
    ];
    cells.join("\t")
}
