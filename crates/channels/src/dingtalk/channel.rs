//! DingTalk as the engine's port asks for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chela_engine::attachment::AttachmentSource;
use chela_engine::draft::Draft;
use chela_engine::id::{AccountId, CardId, ChannelId};
use chela_engine::message::{Destination, Format, InboundMessage, OutboundMessage};
use chela_engine::ports::{
    Channel, Clock, DeliveryError, Download, FetchError, MediaStore, Receipt, Shown,
};
use futures_util::future::{self, BoxFuture};
use tokio::sync::watch;

use super::account::Account;
use super::card::{self, Pauses, Place};
use super::carriers::Carriers;
use super::download;
use super::markdown::{Profile, render};
use super::outbound::{Delivery, Uploads};
use super::quota::{Cadence, Carrier, Meter};
use super::source::Source;

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
}

impl DingTalk {
    /// A channel with these bots. The files of answers are read from where `media` says that they lie.
    pub fn new(
        accounts: BTreeMap<AccountId, Account>,
        media: Arc<dyn MediaStore>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            accounts: Arc::new(accounts),
            uploads: Arc::new(Uploads::new(media)),
            pauses: Arc::default(),
            carriers: Arc::default(),
            meters: Arc::default(),
            clock,
        }
    }

    /// The same, living on what the meters of these bots say that there is.
    #[must_use]
    pub fn metered(self, meters: BTreeMap<AccountId, Arc<Meter>>) -> Self {
        Self {
            meters: Arc::new(meters),
            ..self
        }
    }
}

impl Channel for DingTalk {
    fn id(&self) -> ChannelId {
        ChannelId::new(CHANNEL)
    }

    fn render(&self, markdown: &str, format: Format) -> String {
        match format {
            Format::Markdown => render(markdown, Profile::Message),
            Format::Text => render(markdown, Profile::Plain),
        }
    }

    fn card(&self, message: &InboundMessage) -> Option<CardId> {
        self.accounts
            .contains_key(&message.account)
            .then(|| card::name_of(message))
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
        Box::pin(async move {
            let Some(account) = account else {
                return Err(DeliveryError::Permanent {
                    reason: not_configured(&message.destination.account),
                });
            };
            let delivery = Delivery {
                account,
                message,
                attempt,
                now,
                carrier,
            };
            delivery.run(&uploads, &pauses, &carriers).await
        })
    }

    fn answers_left(&self, account: &AccountId) -> Option<u64> {
        let meter = self.meters.get(account)?;
        Some(meter.snapshot().answers_left)
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
