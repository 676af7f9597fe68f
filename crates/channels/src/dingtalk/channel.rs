//! DingTalk as the engine's port asks for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_engine::attachment::AttachmentSource;
use chela_engine::draft::Draft;
use chela_engine::id::{AccountId, CardId, ChannelId};
use chela_engine::message::{Destination, Format, InboundMessage, OutboundMessage};
use chela_engine::ports::{
    Change, Channel, Clock, DeliveryError, Download, FetchError, MediaStore, Phase, Receipt, Shown,
};
use futures_util::future::{self, BoxFuture};
use tokio::sync::watch;

use super::account::Account;
use super::card::{self, CardPause, Pauses, Place};
use super::carriers::Carriers;
use super::download;
use super::markdown::{Profile, render};
use super::outbound::{Delivery, Uploads};
use super::quota::{Cadence, Carrier, Meter};
use super::reaction;
use super::source::Source;
use super::words::Words;

/// What bindings, session keys and the store call this platform.
pub const CHANNEL: &str = "dingtalk";

/// DingTalk as a channel of the engine.
#[derive(Clone)]
pub struct DingTalk {
    accounts: Arc<BTreeMap<AccountId, Account>>,
    uploads: Arc<Uploads>,
    pauses: Arc<Pauses>,
    carriers: Arc<Carriers>,
    meters: Arc<BTreeMap<AccountId, Arc<Meter>>>,
    clock: Arc<dyn Clock>,
    words: Arc<dyn Words>,
}

impl DingTalk {
    /// A channel with these bots. The files of answers are read from where `media` says that they lie.
    pub fn new(
        accounts: BTreeMap<AccountId, Account>,
        media: Arc<dyn MediaStore>,
        clock: Arc<dyn Clock>,
        words: Arc<dyn Words>,
    ) -> Self {
        Self {
            accounts: Arc::new(accounts),
            uploads: Arc::new(Uploads::new(media)),
            pauses: Arc::default(),
            carriers: Arc::default(),
            meters: Arc::default(),
            clock,
            words,
        }
    }

    /// The same, living on what the meters of these bots say that there is. Those that are left out keep theirs.
    #[must_use]
    pub fn metered(self, meters: BTreeMap<AccountId, Arc<Meter>>) -> Self {
        let mut all = (*self.meters).clone();
        all.extend(meters);
        Self {
            meters: Arc::new(all),
            ..self
        }
    }

    /// The same channel with these bots. Those that are left out can still deliver what they owe.
    #[must_use]
    pub fn with(&self, accounts: BTreeMap<AccountId, Account>) -> Self {
        let mut all = (*self.accounts).clone();
        all.extend(accounts);
        Self {
            accounts: Arc::new(all),
            ..self.clone()
        }
    }
}

impl DingTalk {
    /// Why a bot has no cards for now, if it has none.
    pub fn card_pause(&self, account: &AccountId) -> Option<CardPause> {
        self.pauses.current(account)
    }
}

impl Channel for DingTalk {
    fn id(&self) -> ChannelId {
        ChannelId::new(CHANNEL)
    }

    fn render(&self, markdown: &str, format: Format) -> String {
        match format {
            Format::Markdown => render(markdown, Profile::Message, self.words.as_ref()),
            Format::Text => render(markdown, Profile::Plain, self.words.as_ref()),
        }
    }

    fn card(&self, message: &InboundMessage) -> Option<CardId> {
        self.accounts
            .contains_key(&message.account)
            .then(|| card::name_of(message))
    }

    fn inquiry_card(&self, message: &InboundMessage, ordinal: u32, place: u32) -> Option<CardId> {
        let account = self.accounts.get(&message.account)?;
        let may = account.look.can_ask() && self.card_pause(&message.account).is_none();
        may.then(|| card::inquiry_card(message, ordinal, place))
    }

    fn show(
        &self,
        id: CardId,
        destination: Destination,
        drafts: watch::Receiver<Draft>,
    ) -> BoxFuture<'static, Shown> {
        let Some(account) = self.accounts.get(&destination.account).cloned() else {
            return Box::pin(future::ready(Shown::Nothing));
        };
        let meter = self.meters.get(&destination.account).cloned();
        let place = Place {
            id,
            account,
            destination,
            words: Arc::clone(&self.words),
        };
        let (pauses, carriers) = (Arc::clone(&self.pauses), Arc::clone(&self.carriers));
        let cadence = move || {
            let advice = meter.as_ref().map(|meter| meter.advice());
            advice.map_or(Cadence::Fast, |advice| advice.cadence)
        };
        Box::pin(card::show(place, drafts, pauses, carriers, cadence))
    }

    fn deliver(
        &self,
        message: OutboundMessage,
        attempt: u32,
    ) -> BoxFuture<'static, Result<Receipt, DeliveryError>> {
        let account = self.accounts.get(&message.destination.account).cloned();
        let uploads = Arc::clone(&self.uploads);
        let (pauses, carriers) = (Arc::clone(&self.pauses), Arc::clone(&self.carriers));
        let meter = self.meters.get(&message.destination.account);
        let carrier = meter.map_or(Carrier::Webhook, |meter| meter.advice().carrier);
        let now = self.clock.now().0;
        let words = Arc::clone(&self.words);
        Box::pin(async move {
            let Some(account) = account else {
                let account = &message.destination.account;
                return Err(DeliveryError::permanent(not_configured(account)));
            };
            let delivery = Delivery {
                account,
                message,
                attempt,
                now,
                carrier,
                words,
            };
            delivery.run(&uploads, &pauses, &carriers).await
        })
    }

    fn answers_left(&self, account: &AccountId) -> Option<u64> {
        let meter = self.meters.get(account)?;
        Some(meter.snapshot().answers_left)
    }

    fn app(&self, account: &AccountId) -> Option<String> {
        let client = &self.accounts.get(account)?.client;
        Some(client.credentials().client_id.to_string())
    }

    fn reaction(&self, message: &InboundMessage, phase: &Phase) -> Option<String> {
        let account = self.accounts.get(&message.account)?;
        let reaction = account.ack_reaction.as_ref()?;
        let meter = self.meters.get(&message.account);
        if meter.is_some_and(|meter| !meter.advice().cadence.has_reactions()) {
            return None;
        }
        reaction.sign(&message.text(), phase, self.words.as_ref())
    }

    fn react(
        &self,
        message: &InboundMessage,
        reaction: String,
        change: Change,
    ) -> BoxFuture<'static, Result<(), DeliveryError>> {
        let known = self.accounts.get(&message.account).cloned();
        let message = message.clone();
        Box::pin(async move {
            match known {
                Some(account) => reaction::react(account, message, reaction, change).await,
                None => Err(DeliveryError::permanent(not_configured(&message.account))),
            }
        })
    }

    fn open(
        &self,
        account: &AccountId,
        source: &AttachmentSource,
    ) -> BoxFuture<'static, Result<Download, FetchError>> {
        let known = self.accounts.get(account).cloned();
        let unknown = not_configured(account);
        let source = Source::unpack(source);
        Box::pin(async move {
            match known {
                Some(account) => download::open(account, source).await,
                None => Err(FetchError::Gone { reason: unknown }),
            }
        })
    }
}

fn not_configured(account: &AccountId) -> String {
    format!("the bot `{account}` is not configured any more")
}
