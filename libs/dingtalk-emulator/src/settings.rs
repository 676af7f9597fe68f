//! How strict, how fast and how moody the platform is. Every default is the platform's documented or observed
//! value; what the protocol reference marks as uncertain can be switched.

use std::time::Duration;

use crate::card::CardSettings;

/// The platform's limits and time-outs; see protocol reference §9 for where each value comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// How long a ticket of `connections/open` may wait for its WebSocket. Default 90 s (S3).
    pub ticket_lifetime: Duration,
    /// How long a bot message may stay unacknowledged before it is pushed again. Default 60 s (S8).
    pub ack_wait: Duration,
    /// How often an unacknowledged bot message is pushed again. Default 1 (S8).
    pub repeats: u32,
    /// Interval of `SYSTEM` pings. Default 25 s (S12).
    pub ping_interval: Duration,
    /// Pings in a row without an answer after which the platform closes the socket. Default 3 (S12).
    pub unanswered_pings: u32,
    /// Age at which a connection is sent a `disconnect` frame; `None` for never. Default 6 h (S14).
    pub connection_lifetime: Option<Duration>,
    /// Silence between the `disconnect` frame and the end of the TCP connection. Default 10 s (S14).
    pub disconnect_silence: Duration,
    /// How long a connection that was lost without a goodbye stays among those that pushes go to.
    /// Default 30 s; zero switches this off (S16).
    pub dead_connection_stays: Duration,
    /// What becomes of the pushes that went to a dead connection (S16).
    pub dead_pushes: DeadPushes,
    /// Whether `CONNECTED` and `REGISTERED` are sent after the handshake. Default no (S18).
    pub greets: bool,
    /// Chance of a second push although the first was acknowledged, 0 to 1. Default 0 (S11).
    pub duplicate_probability: f64,
    /// Largest frame that `say` and its relatives may push, in bytes. Default 256 KiB (S20);
    /// raw pushes may be larger, to test how a client bears it.
    pub largest_frame: usize,
    /// Whether messages carry fields that no document mentions. Default yes (I9).
    pub undocumented_fields: bool,
    /// Lifetime of access tokens. Default 7,200 s (H5).
    pub token_lifetime: Duration,
    /// Lifetime of a session webhook. Default 90 min (I1).
    pub webhook_lifetime: Duration,
    /// Requests per second and (application, API path), over a sliding second; `None` for no limit.
    /// Default 20 (H9).
    pub requests_per_second: Option<u32>,
    /// The organisation's monthly quota; `None` (default) for no limit (H11).
    pub quota: Option<Quota>,
    /// Receivers of one `batchSend`. Default 20 (O8).
    pub receivers_per_batch: usize,
    /// Messages that one person may get through `batchSend` in a minute, after which the person is listed as
    /// flow controlled; `None` (default) for no limit (O12).
    pub messages_per_person_and_minute: Option<usize>,
    /// Largest `msgParam` in bytes, of both Open API sends. Default 15,000 (O9; for `batchSend` it is a guess).
    pub largest_message_parameter: usize,
    /// Largest text of a session webhook message in bytes. Default 20,000 (O5, unpublished).
    pub largest_webhook_text: usize,
    /// Whether a session webhook takes `image`, `file` and `video`, which no document lists. Default no (O2).
    pub webhook_takes_media: bool,
    /// Requests, pushes, messages per conversation, timelines, media, download codes, cards and receipts that are
    /// remembered. Default 20,000 each.
    pub memory: usize,
    /// Whether `content` comes as a JSON string instead of an object. Default no (I7).
    pub content_as_text: bool,
    /// Whether lengths come in the rarer form: of voice as text, of video as a number of milliseconds. Default no (I7).
    pub unusual_durations: bool,
    /// How the push is spelt that comes when the quota is used up. Default `errorCode` (protocol reference §3.2).
    pub quota_spelling: QuotaSpelling,
    /// Whether forwarded records lose their pictures and files, as reports say. Default no (I11).
    pub records_lose_media: bool,
    /// How a quote comes. Default [`QuoteShape::RepliedMessage`] (protocol reference §3.4).
    pub quotes: QuoteShape,
    /// Under which name a quoted text comes. Default [`QuotedText::Text`].
    pub quoted_text: QuotedText,
    /// Whether a file or video that is quoted in a group comes as `unknownMsgType`. Default yes (I8).
    pub groups_lose_quoted_files: bool,
    /// Lifetime of download codes. Default 1 h (O16, undocumented).
    pub download_code_lifetime: Duration,
    /// Lifetime of signed links to media and to files in the drive. Default 15 min (protocol reference §5.4).
    pub download_link_lifetime: Duration,
    /// Whether uploads may have other formats than the documentation lists. Default no (O15).
    pub uploads_take_any_format: bool,
    /// How long a message can be taken back. Default 24 h (O13).
    pub recall_window: Duration,
    /// Whether times of the drive are ISO 8601 instead of `Wed Nov 25 18:20:13 CST 2026`. Default no.
    pub drive_times_are_iso: bool,
    /// What cards may be.
    pub cards: CardSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ticket_lifetime: Duration::from_secs(90),
            ack_wait: Duration::from_secs(60),
            repeats: 1,
            ping_interval: Duration::from_secs(25),
            unanswered_pings: 3,
            connection_lifetime: Some(Duration::from_secs(6 * 3600)),
            disconnect_silence: Duration::from_secs(10),
            dead_connection_stays: Duration::from_secs(30),
            dead_pushes: DeadPushes::Lost,
            greets: false,
            duplicate_probability: 0.0,
            largest_frame: 256 * 1024,
            undocumented_fields: true,
            token_lifetime: Duration::from_secs(7200),
            webhook_lifetime: Duration::from_secs(90 * 60),
            requests_per_second: Some(20),
            quota: None,
            receivers_per_batch: 20,
            messages_per_person_and_minute: None,
            largest_message_parameter: 15_000,
            largest_webhook_text: 20_000,
            webhook_takes_media: false,
            memory: 20_000,
            content_as_text: false,
            unusual_durations: false,
            quota_spelling: QuotaSpelling::ErrorCode,
            records_lose_media: false,
            quotes: QuoteShape::RepliedMessage,
            quoted_text: QuotedText::Text,
            groups_lose_quoted_files: true,
            download_code_lifetime: Duration::from_secs(3600),
            download_link_lifetime: Duration::from_secs(900),
            uploads_take_any_format: false,
            recall_window: Duration::from_secs(24 * 3600),
            drive_times_are_iso: false,
            cards: CardSettings::default(),
        }
    }
}

/// What becomes of a push for which the platform chose a connection that is dead without knowing so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadPushes {
    /// It is lost for good, as reports say.
    Lost,
    /// It counts as unacknowledged and is pushed again after [`Settings::ack_wait`].
    Repeated,
}

/// What a standard organisation may use in a calendar month of China Standard Time (protocol reference §4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls of the Open API; tokens are free.
    pub api: u64,
    /// Stream pushes and session webhook messages together.
    pub stream: u64,
}

impl Quota {
    /// 5,000 API calls and 3,000 webhook and Stream messages.
    pub const STANDARD: Self = Self {
        api: 5000,
        stream: 3000,
    };
}

/// How the push is spelt that comes when the quota is used up; two official pages differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaSpelling {
    /// `errorCode` and `errorMessage`.
    ErrorCode,
    /// `errCode` and `errMsg`.
    ErrCode,
}

/// How a quote comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteShape {
    /// `isReplyMsg` and `repliedMsg`.
    RepliedMessage,
    /// `isReplyMsg` without `repliedMsg`: only `originalMsgId` tells what was quoted.
    IdOnly,
    /// `quoteMessage` at the top, as older clients send it.
    Legacy,
}

/// Under which name a quoted text comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedText {
    /// `content.text`.
    Text,
    /// `content.content`, as some devices send it.
    Content,
}
