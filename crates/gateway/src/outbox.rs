//! Replies that wait or were given up, for an operator: listed, sent again, dropped. The same code works inside the
//! gateway and, when none runs, on the store itself.

use chela_engine::Handle;
use chela_engine::id::OutboxId;
use chela_engine::message::{ConversationKind, Format};
use chela_engine::ports::{Delivery, Settlement, Store, StoreError};
use chela_engine::time::Timestamp;
use serde::{Deserialize, Serialize};

/// More rows are not listed.
pub const MOST_ROWS: usize = 1_000;

/// One reply. What it says is nobody's business here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its id.
    pub id: i64,
    /// Whether it waits or was given up.
    pub state: RowState,
    /// The bot that speaks.
    pub account: String,
    /// The name of the group, or of the person.
    pub to: String,
    /// Whether that is a group.
    pub is_group: bool,
    /// What it is: `text`, `markdown`, `card` or `file`.
    pub kind: String,
    /// Its place among the parts of one answer, from 1.
    pub part: u32,
    /// How many parts there are.
    pub parts: u32,
    /// The message that it answers.
    pub in_reply_to: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// How many tries have failed.
    pub attempts: u32,
    /// Whether one of them may have been shown all the same.
    pub uncertain: bool,
    /// How the last try went.
    pub reason: Option<String>,
}

/// Whether a reply waits or was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// It is on its way and tried again by itself.
    Waiting,
    /// There will be no other try.
    Failed,
}

/// What an operator wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// To do what.
    pub action: Action,
    /// With which rows; `None`: all that were given up.
    pub ids: Option<Vec<i64>>,
    /// Whether what may have been shown is sent again.
    #[serde(default)]
    pub force: bool,
    /// What the journal shall say of rows that are dropped.
    pub reason: String,
}

/// What an operator wants to do with rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Send them again.
    Retry,
    /// Never send them.
    Drop,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handled {
    /// The row.
    pub id: i64,
    /// What became of it.
    pub result: Fate,
    /// The id that it has now, when it is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_id: Option<i64>,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is sent again.
    Queued,
    /// It will not be sent.
    Dropped,
    /// It may have been shown; only `force` sends it again.
    Uncertain,
    /// It is on its way anyway.
    Waiting,
    /// There is no such row, or it was delivered.
    Unknown,
}

/// The store, and the engine that works on it, if one does.
pub struct Hands<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// The engine; it must hear of what it may hold.
    pub engine: Option<&'a Handle>,
    /// Now.
    pub now: Timestamp,
}

impl Hands<'_> {
    /// The rows, oldest first.
    pub async fn list(&self) -> Result<Vec<Row>, StoreError> {
        let stuck = self.store.stuck(MOST_ROWS).await?;
        Ok(stuck.into_iter().map(row).collect())
    }

    /// Does what is wanted, row by row.
    pub async fn carry_out(&self, order: &Order) -> Result<Vec<Handled>, StoreError> {
        let rows = self.list().await?;
        let ids = order.ids.clone().unwrap_or_else(|| {
            let failed = rows.iter().filter(|row| row.state == RowState::Failed);
            failed.map(|row| row.id).collect()
        });
        let mut handled = Vec::new();
        for id in ids {
            let row = rows.iter().find(|row| row.id == id);
            let (result, new_id) = match order.action {
                Action::Retry => self.retry(id, row, order.force).await?,
                Action::Drop => (self.drop(id, &order.reason).await?, None),
            };
            handled.push(Handled { id, result, new_id });
        }
        Ok(handled)
    }

    async fn retry(
        &self,
        id: i64,
        row: Option<&Row>,
        force: bool,
    ) -> Result<(Fate, Option<i64>), StoreError> {
        match row {
            None => return Ok((Fate::Unknown, None)),
            Some(row) if row.state == RowState::Waiting => return Ok((Fate::Waiting, None)),
            Some(row) if row.uncertain && !force => return Ok((Fate::Uncertain, None)),
            Some(_) => {}
        }
        let id = OutboxId(id);
        let resent = match self.engine {
            Some(engine) => engine.resend(id).await?,
            None => self.store.resend(id, self.now).await?,
        };
        Ok(resent.map_or((Fate::Unknown, None), |id| (Fate::Queued, Some(id.0))))
    }

    async fn drop(&self, id: i64, reason: &str) -> Result<Fate, StoreError> {
        let (id, reason) = (OutboxId(id), reason.to_owned());
        let dropped = match self.engine {
            Some(engine) => engine.discard(id, reason).await?,
            None => self.store.discard(id, reason, self.now).await?,
        };
        Ok(if dropped {
            Fate::Dropped
        } else {
            Fate::Unknown
        })
    }
}

fn row((delivery, settlement): (Delivery, Option<Settlement>)) -> Row {
    let message = &delivery.message;
    let destination = &message.destination;
    let is_group = destination.conversation.kind == ConversationKind::Group;
    let group = destination.conversation.title.as_ref();
    let name = group.filter(|_| is_group);
    let name = name.unwrap_or(&destination.person.name);
    let kind = match (&message.card, &message.attachment, message.format) {
        (Some(_), ..) => "card",
        (_, Some(_), _) => "file",
        (_, _, Format::Text) => "text",
        (_, _, Format::Markdown) => "markdown",
    };
    let (state, reason) = match settlement {
        Some(Settlement::Failed { reason }) => (RowState::Failed, Some(reason)),
        Some(Settlement::Retry { reason, .. }) => (RowState::Waiting, Some(reason)),
        Some(Settlement::Delivered(_)) | None => (RowState::Waiting, None),
    };
    Row {
        id: delivery.id.0,
        state,
        account: destination.account.to_string(),
        to: name.clone(),
        is_group,
        kind: kind.to_owned(),
        part: message.part,
        parts: message.parts,
        in_reply_to: message.in_reply_to.to_string(),
        created_at: delivery.created_at,
        attempts: delivery.attempts,
        uncertain: delivery.uncertain,
        reason,
    }
}
