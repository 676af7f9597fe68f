//! Whether the template of a bot's cards can be used, as far as the platform tells: whether it is there and published, and
//! whether the variable streams into which answers are written.

use chela_channels::dingtalk::Look;
use dingtalk::Client;
use dingtalk::api::Probe;
use dingtalk::id::TemplateId;

use super::examination::{Bot, Examination};
use super::finding::{Finding, Outcome};
use super::permissions::uses_cards;
use crate::catalogue::diagnosis::{self, Check};
use crate::catalogue::{Code, Failure};

const CHECK: Check = Check::Template;

/// Makes a card that nobody gets, and writes into it.
pub(super) async fn template(examination: &Examination<'_>) -> Vec<Finding> {
    let (bots, mut findings) = examination.ready(CHECK).await;
    for (bot, client) in bots {
        let outcome = if uses_cards(bot) {
            examined(bot, client).await
        } else {
            Some(Outcome::Skipped(diagnosis::NOT_NEEDED.into()))
        };
        findings.push(match outcome {
            Some(outcome) => bot.finding(CHECK, outcome),
            None => Finding::depending(CHECK, bot.subject(), Check::CardScope),
        });
    }
    findings
}

/// `None` when the permission is missing.
async fn examined(bot: &Bot, client: &Client) -> Option<Outcome> {
    let look = &bot.account.look;
    let card = name();
    let probe = make(&look.template, &look.key, &card);
    let code = bot.probed(client, CHECK.name(), probe).await.ok()?;
    if code.starts_with("param.") {
        let said = diagnosis::dingtalk_said(&code);
        let failure = Failure::new(Code::CardTemplateUnusable).message(said);
        return Some(Outcome::Bad(failure));
    }
    if !streams(client, card, &look.key).await && can_tell(client).await {
        let failure = Failure::new(Code::CardVariableMissing);
        let failure = failure.message(diagnosis::no_variable(&look.key));
        return Some(Outcome::Bad(failure));
    }
    Some(Outcome::Good(diagnosis::FINE.into()))
}

/// Whether the variable can be written into; whatever else is wrong is found by the check for it.
async fn streams(client: &Client, card: String, key: &str) -> bool {
    let key = key.to_owned();
    let answer = client.send(Probe::StreamIntoCard { card, key }).await;
    !matches!(answer, Ok(code) if code == Probe::NO_VARIABLE)
}

/// Whether the platform lets a variable that is surely there be written into a card that nobody gets: only then its
/// refusal of another one means something.
async fn can_tell(client: &Client) -> bool {
    let (card, look) = (name(), Look::default());
    let made = client.send(make(&look.template, &look.key, &card)).await;
    made.is_ok() && streams(client, card, &look.key).await
}

fn make(template: &TemplateId, key: &str, card: &str) -> Probe {
    Probe::MakeCard {
        template: template.clone(),
        key: key.to_owned(),
        card: card.to_owned(),
    }
}

fn name() -> String {
    format!("chela-probe-{:016x}", rand::random::<u64>())
}
