//! Where a message goes: may this person talk here, which agent answers, whose history is it.

mod access;
mod binding;
mod rules;
mod session_key;

pub use self::access::Access;
pub use self::binding::{Binding, Peer};
pub use self::rules::{
    AccountRules, AllowList, ContextVisibility, DirectPolicy, GroupPolicy, GroupRules, PersonRules,
    Rules,
};
pub use self::session_key::session_key;
