//! What the engine needs from outside, as narrow traits that adapters implement.

mod agent;
mod channel;
mod choices;
mod clock;
mod courier;
mod examiner;
mod hints;
mod inquirer;
mod inquiries;
mod interjections;
mod jobs;
mod ledger;
mod media;
mod observer;
mod pairing;
mod reaction;
mod sessions;
mod spending;
mod store;
mod texts;

pub use self::agent::{
    Agent, Attempt, BudgetScope, Cost, Error as AgentError, ErrorKind as AgentErrorKind,
    Event as AgentEvent, Material, Quoted, Request as AgentRequest, Usage,
};
pub use self::channel::{ByteStream, Channel, DeliveryError, Download, FetchError, Receipt, Shown};
pub use self::choices::{Choices, Mode, Thinking};
pub use self::clock::Clock;
pub use self::courier::{Acquaintance, Courier};
pub use self::examiner::Examiner;
pub use self::hints::{Addressee, Hints, Obstacle};
pub use self::inquirer::{Asking, Deciders, Inquire, Inquirer, Unasked, Verdict};
pub use self::inquiries::{Inquiries, InquiryKey};
pub use self::interjections::Interjections;
pub use self::jobs::{Jobs, Limits as JobLimits, Ran, Run, RunDelivery};
pub use self::ledger::{Ledger, Tally};
pub use self::media::{
    AttachmentReader, CollectError, FileCollector, FileToRead, KeepError, MediaStore, Picture,
    Reading,
};
pub use self::observer::{Observation, Observer, Step};
pub use self::pairing::{Decision, Guest, Knocked, Pairing, PairingCode, PairingRequest, Ruling};
pub use self::reaction::{Change, Phase};
pub use self::sessions::{Chat, Origin, Remembered, SessionRecord, Sessions, Summary};
pub use self::spending::{SpendingLine, SpendingQuery, Spent};
pub use self::store::{
    Accepted, Begin, Begun, Continuity, Counts, Delivery, Error as StoreError,
    ErrorKind as StoreErrorKind, Finish, Finished, JournalEntry, Rating, Settlement, Store,
    StoredMessage, TranscriptEntry, TranscriptRole,
};
pub use self::texts::{Notice, Remark, Texts};
