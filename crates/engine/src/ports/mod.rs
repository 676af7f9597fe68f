//! What the engine needs from outside, as narrow traits that adapters implement.

mod agent;
mod channel;
mod clock;
mod media;
mod observer;
mod reaction;
mod store;
mod texts;

pub use self::agent::{
    Agent, Error as AgentError, ErrorKind as AgentErrorKind, Event as AgentEvent, Material, Model,
    Quoted, Request as AgentRequest, Usage,
};
pub use self::channel::{ByteStream, Channel, DeliveryError, Download, FetchError, Receipt, Shown};
pub use self::clock::Clock;
pub use self::media::{
    AttachmentReader, CollectError, FileCollector, FileToRead, KeepError, MediaStore, Picture,
    Reading,
};
pub use self::observer::{Observation, Observer, Step};
pub use self::reaction::{Change, Phase};
pub use self::store::{
    Accepted, Begin, Begun, Continuity, Counts, Delivery, Error as StoreError,
    ErrorKind as StoreErrorKind, Finish, Finished, JournalEntry, Rating, Settlement, Store,
    StoredMessage, TranscriptEntry, TranscriptRole,
};
pub use self::texts::{Notice, Remark, Texts};
