//! Where a message goes: may this person talk here, which agent answers, whose history is it.

mod access;
mod binding;
mod mention;
mod rights;
mod route;
mod rules;
mod session;

pub use self::access::{Access, Guests};
pub use self::binding::{Binding, Peer, Scopes};
pub use self::mention::Mentions;
pub use self::rights::CommandRights;
pub use self::route::{Because, Candidate, Routing};
pub use self::rules::{
    AccountRules, AgentProfile, AllowList, ContextVisibility, DirectPolicy, GroupPolicy,
    GroupRules, PersonRules, Privacy, Rules,
};
pub use self::session::{DirectScope, GroupScope, SessionRules};
