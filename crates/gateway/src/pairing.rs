//! Who asks to be let in and who was, for an operator. The same code works inside the gateway and, when none runs, on the
//! store itself; then nobody is told.

use chela_engine::Handle;
use chela_engine::id::{AccountId, ChannelId, PersonId};
use chela_engine::pairing::typed;
use chela_engine::ports::{
    Decision, Guest, PairingCode, PairingRequest, Ruling, Store, StoreError,
};
use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What an operator wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// To do what.
    pub action: Action,
    /// On which platform; `None`: on any.
    pub channel: Option<String>,
    /// At which bot; `None`: at any.
    pub account: Option<String>,
}

/// What an operator wants to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See who waits and who was let in.
    List,
    /// Let in whoever has this code.
    Approve(String),
    /// Refuse whoever has this code.
    Reject(String),
    /// Let this person in no longer.
    Revoke(String),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Who waits, and who was let in.
    People {
        /// The longest waiting first.
        requests: Vec<Person>,
        /// By bot and id.
        guests: Vec<Person>,
    },
    /// It was decided on this person.
    Decided(Person),
    /// The code held too long ago.
    Expired,
    /// There is no such code.
    Unknown,
    /// How many bots have let the person in until now.
    Revoked(usize),
}

/// A person who waits or was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The platform.
    pub channel: String,
    /// The bot.
    pub account: String,
    /// The id on the platform.
    pub person: String,
    /// The name, as the platform showed it.
    pub name: String,
    /// The code, of somebody who waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When the person asked, or was let in.
    pub since: Timestamp,
    /// When the code does not hold any more, of somebody who waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// The store, and the engine that works on it, if one does.
pub struct Hands<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// The engine; it must hear of who is let in.
    pub engine: Option<&'a Handle>,
    /// Now.
    pub now: Timestamp,
}

impl Hands<'_> {
    /// Does what is wanted.
    ///
    /// # Errors
    /// When the store cannot.
    pub async fn carry_out(&self, order: Order) -> Result<Answer, StoreError> {
        let channel = order.channel.map(ChannelId::new);
        let account = order.account.map(AccountId::new);
        let (code, ruling) = match order.action {
            Action::List => return self.list(channel, account).await,
            Action::Revoke(person) => {
                let person = PersonId::new(person);
                let revoked = match self.engine {
                    Some(engine) => engine.revoke(channel, account, person).await?,
                    None => self.store.revoke(channel, account, person).await?,
                };
                return Ok(Answer::Revoked(revoked.len()));
            }
            Action::Approve(code) => (code, Ruling::Grant { by: None }),
            Action::Reject(code) => (code, Ruling::Refuse),
        };
        let code = typed(&code);
        let which = PairingCode {
            channel,
            account,
            code,
        };
        let decision = match self.engine {
            Some(engine) => engine.decide(which, ruling).await?,
            None => self.store.rule(which, ruling, self.now).await?,
        };
        Ok(match decision {
            Decision::Done(request) => Answer::Decided(waiting(request)),
            Decision::Expired => Answer::Expired,
            Decision::Unknown => Answer::Unknown,
        })
    }

    async fn list(
        &self,
        channel: Option<ChannelId>,
        account: Option<AccountId>,
    ) -> Result<Answer, StoreError> {
        let requests = self.store.requests(self.now).await?.into_iter();
        let guests = self.store.guests().await?.into_iter();
        let is_meant = |person: &Person| {
            let is = |it: &Option<String>, of: &str| it.as_deref().is_none_or(|it| it == of);
            let channel = channel.as_ref().map(ToString::to_string);
            let account = account.as_ref().map(ToString::to_string);
            is(&channel, &person.channel) && is(&account, &person.account)
        };
        Ok(Answer::People {
            requests: requests.map(waiting).filter(is_meant).collect(),
            guests: guests.map(guest).filter(is_meant).collect(),
        })
    }
}

fn waiting(request: PairingRequest) -> Person {
    Person {
        channel: request.whom.channel.to_string(),
        account: request.whom.account.to_string(),
        person: request.whom.person.to_string(),
        name: request.name,
        code: Some(request.code),
        since: request.asked_at,
        expires_at: Some(request.expires_at),
    }
}

fn guest(guest: Guest) -> Person {
    Person {
        channel: guest.whom.channel.to_string(),
        account: guest.whom.account.to_string(),
        person: guest.whom.person.to_string(),
        name: guest.name,
        code: None,
        since: guest.granted_at,
        expires_at: None,
    }
}
