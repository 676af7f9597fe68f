//! The endpoints: one file, one request type and one response type each. Send them with [`crate::Client::send`].

pub(crate) mod answer;
mod card;
mod content;
mod custom_robot;
mod drive;
mod group_message;
mod message_file;
mod open_connection;
mod person_message;
mod probe;
mod reaction;
mod recall;
mod upload_media;
mod user;
mod webhook_message;

pub use self::card::{
    CardMentions, CardSpace, CardVariables, CreateCard, CreatedCard, Progress, StreamCard,
    UpdateCard,
};
pub use self::content::{Content, LONGEST_PARAMETER, Video};
pub use self::custom_robot::{ProbeCustomRobot, SendByCustomRobot, Signed};
pub use self::drive::{
    Dentries, Dentry, FindDownload, FindGroupSpace, ListDentries, SignedDownload,
};
pub use self::group_message::SendToGroup;
pub use self::message_file::DownloadMessageFile;
pub use self::open_connection::{OpenConnection, Opened, Subscription};
pub use self::person_message::{SendToPeople, SentToPeople};
pub use self::probe::{AppRange, GetAppRange, ListGroupRobots, Probe};
pub use self::reaction::{AddReaction, Reaction, RemoveReaction};
pub use self::recall::{RecallFromGroup, RecallFromPeople, Recalled};
pub use self::upload_media::{MediaKind, UploadMedia};
pub use self::user::{GetUser, User};
pub use self::webhook_message::{Mention, SendByWebhook};
