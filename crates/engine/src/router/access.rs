//! May this person talk to this bot here? Asked before anything else, so that a denied sender costs nothing.

use std::collections::BTreeSet;

use super::{AccountRules, AllowList, ContextVisibility, DirectPolicy, GroupPolicy, Rules};
use crate::message::{ConversationKind, InboundMessage};
use crate::ports::Addressee;
use crate::quote::Author;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Yes.
    Allowed,
    /// Not yet: the person may ask for it with a code.
    Unpaired,
    /// No.
    Denied {
        /// The rule that said no: a stable word for logs and traces.
        rule: &'static str,
        /// Whether the person may know: lists yes, switched-off bots are silent.
        tell: bool,
    },
}

impl Access {
    /// The rule by which the person is turned away: a stable word for logs and traces. `None`: she is not.
    pub fn denied_by(self) -> Option<&'static str> {
        match self {
            Self::Allowed => None,
            Self::Unpaired => Some("direct_pairing"),
            Self::Denied { rule, .. } => Some(rule),
        }
    }
}

/// The people who were let in beside the lists of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guests(pub BTreeSet<Addressee>);

impl Guests {
    fn hold(&self, message: &InboundMessage) -> bool {
        // Most gateways have none.
        !self.0.is_empty() && self.0.contains(&crate::hints::sender(message))
    }
}

impl Rules {
    /// Decides on a message, by the rules and by who was let in.
    pub fn access(&self, message: &InboundMessage, guests: &Guests) -> Access {
        match (self.account(message), message.conversation.kind) {
            (None, _) => silent("unknown_account"),
            // An operator may send to everybody.
            _ if message
                .scheduled
                .as_ref()
                .is_some_and(|job| job.by_operator) =>
            {
                Access::Allowed
            }
            (Some(account), ConversationKind::Direct) => direct(account, message, guests),
            (Some(account), ConversationKind::Group) => group(account, message),
        }
    }
}

impl Rules {
    /// Whether what `author` wrote may be shown to the agent as a quote of `message`. Alone with the bot everything may;
    /// in a group it can be limited to the people who may ask there.
    pub fn may_hear(&self, message: &InboundMessage, author: &Author) -> bool {
        let Some(account) = self.account(message) else {
            return false;
        };
        match (
            account.context_visibility,
            message.conversation.kind,
            author,
        ) {
            (ContextVisibility::All, _, _)
            | (_, ConversationKind::Direct, _)
            | (_, _, Author::Bot) => true,
            (ContextVisibility::Allowlist, _, Author::Person { id, .. }) => id
                .as_ref()
                .is_some_and(|id| nearest_list(account, message).is_none_or(|list| list.holds(id))),
        }
    }
}

fn direct(account: &AccountRules, message: &InboundMessage, guests: &Guests) -> Access {
    match account.direct {
        DirectPolicy::Open => Access::Allowed,
        DirectPolicy::Disabled => silent("direct_disabled"),
        _ if account.allow_from.holds(&message.sender.id) => Access::Allowed,
        DirectPolicy::Allowlist => Access::Denied {
            rule: "direct_allowlist",
            tell: true,
        },
        DirectPolicy::Pairing if guests.hold(message) => Access::Allowed,
        DirectPolicy::Pairing => Access::Unpaired,
    }
}

/// The order of the existing plugins: policy, then the group, then the sender by the nearest list.
fn group(account: &AccountRules, message: &InboundMessage) -> Access {
    let rules = account.group_rules(&message.conversation.id);
    match account.group {
        GroupPolicy::Disabled => return silent("group_disabled"),
        GroupPolicy::Allowlist if rules.is_none() => return silent("group_allowlist"),
        GroupPolicy::Allowlist | GroupPolicy::Open => {}
    }
    if rules.is_some_and(|rules| rules.disabled) {
        return silent("group_switched_off");
    }
    let nearest = nearest_list(account, message);
    match nearest {
        Some(list) if !list.holds(&message.sender.id) => Access::Denied {
            rule: "group_sender_allowlist",
            tell: true,
        },
        _ => Access::Allowed,
    }
}

/// The list of people that counts in a group; `None`: everybody.
fn nearest_list<'a>(account: &'a AccountRules, message: &InboundMessage) -> Option<&'a AllowList> {
    let own = account.groups.get(&message.conversation.id);
    own.and_then(|rules| rules.allow_from.as_ref())
        .or_else(|| {
            account
                .any_group
                .as_ref()
                .and_then(|rules| rules.allow_from.as_ref())
        })
        .or(account.group_allow_from.as_ref())
}

fn silent(rule: &'static str) -> Access {
    Access::Denied { rule, tell: false }
}

#[cfg(test)]
mod tests {
    use super::super::GroupRules;
    use super::*;
    use crate::id::{ConversationId, PersonId};
    use crate::testing::{direct_message, group_message, rules_with};

    fn list(people: &[&str]) -> AllowList {
        AllowList {
            everybody: people.contains(&"*"),
            people: people.iter().map(|person| PersonId::new(*person)).collect(),
        }
    }

    fn rule(access: Access) -> &'static str {
        access.denied_by().unwrap_or("allowed")
    }

    #[test]
    fn direct_policies() {
        let nobody = Guests::default();
        let decide = |direct, people: &[&str]| {
            let account = AccountRules {
                direct,
                allow_from: list(people),
                ..AccountRules::default()
            };
            rule(rules_with(account).access(&direct_message("m1", "lin", "你好"), &nobody))
        };
        assert_eq!(decide(DirectPolicy::Open, &[]), "allowed");
        assert_eq!(decide(DirectPolicy::Disabled, &["*"]), "direct_disabled");
        assert_eq!(decide(DirectPolicy::Allowlist, &[]), "direct_allowlist");
        assert_eq!(decide(DirectPolicy::Allowlist, &["*"]), "allowed");
        assert_eq!(decide(DirectPolicy::Allowlist, &["lin"]), "allowed");
        assert_eq!(
            decide(DirectPolicy::Allowlist, &["LIN"]),
            "direct_allowlist"
        );
        assert_eq!(decide(DirectPolicy::Pairing, &["zhou"]), "direct_pairing");
        assert_eq!(decide(DirectPolicy::Pairing, &["lin"]), "allowed");
        assert_eq!(decide(DirectPolicy::Pairing, &["*"]), "allowed");
    }

    #[test]
    fn a_guest_is_let_in_by_her_bot_alone_where_people_are_paired() {
        let guests = |channel: &str, account: &str, person: &str| {
            let whom = Addressee {
                channel: crate::id::ChannelId::new(channel),
                account: crate::id::AccountId::new(account),
                person: PersonId::new(person),
            };
            Guests([whom].into())
        };
        let message = direct_message("m1", "lin", "你好");
        let account = message.account.to_string();
        let decide = |direct, guests: &Guests| {
            let account = AccountRules {
                direct,
                ..AccountRules::default()
            };
            rule(rules_with(account).access(&message, guests))
        };
        let lin = guests("dingtalk", &account, "lin");
        assert_eq!(decide(DirectPolicy::Pairing, &lin), "allowed");
        assert_eq!(decide(DirectPolicy::Allowlist, &lin), "direct_allowlist");
        assert_eq!(decide(DirectPolicy::Disabled, &lin), "direct_disabled");
        for other in [
            guests("dingtalk", "elsewhere", "lin"),
            guests("elsewhere", &account, "lin"),
            guests("dingtalk", &account, "LIN"),
        ] {
            assert_eq!(decide(DirectPolicy::Pairing, &other), "direct_pairing");
        }
        // Groups have lists of their own.
        let group = AccountRules {
            group_allow_from: Some(list(&[])),
            ..AccountRules::default()
        };
        let access = rules_with(group).access(&group_message("m1", "lin", "你好"), &lin);
        assert_eq!(rule(access), "group_sender_allowlist");
    }

    #[test]
    fn group_decision_table() {
        // policy, group's own list, `*` list, top list → decision; `None` is an absent list.
        type Row<'a> = (
            GroupPolicy,
            Option<Option<&'a [&'a str]>>,
            Option<Option<&'a [&'a str]>>,
            Option<&'a [&'a str]>,
            &'a str,
        );
        let table: &[Row<'_>] = &[
            (GroupPolicy::Open, None, None, None, "allowed"),
            (
                GroupPolicy::Disabled,
                Some(Some(&["*"])),
                None,
                None,
                "group_disabled",
            ),
            (
                GroupPolicy::Allowlist,
                None,
                None,
                Some(&["*"]),
                "group_allowlist",
            ),
            (GroupPolicy::Allowlist, Some(None), None, None, "allowed"),
            (GroupPolicy::Allowlist, None, Some(None), None, "allowed"),
            (
                GroupPolicy::Open,
                None,
                None,
                Some(&[]),
                "group_sender_allowlist",
            ),
            (GroupPolicy::Open, None, None, Some(&["lin"]), "allowed"),
            (
                GroupPolicy::Open,
                None,
                Some(Some(&["zhou"])),
                Some(&["lin"]),
                "group_sender_allowlist",
            ),
            (
                GroupPolicy::Open,
                Some(Some(&["lin"])),
                Some(Some(&["zhou"])),
                Some(&[]),
                "allowed",
            ),
            (
                GroupPolicy::Open,
                Some(None),
                Some(Some(&["zhou"])),
                Some(&["lin"]),
                "group_sender_allowlist",
            ),
            (
                GroupPolicy::Allowlist,
                Some(Some(&[])),
                None,
                Some(&["*"]),
                "group_sender_allowlist",
            ),
        ];
        for (number, (policy, own, any, top, expected)) in table.iter().enumerate() {
            let rules_of = |lists: &Option<Option<&[&str]>>| {
                lists.map(|allow| GroupRules {
                    allow_from: allow.map(list),
                    ..GroupRules::default()
                })
            };
            let mut account = AccountRules {
                group: *policy,
                ..AccountRules::default()
            };
            if let Some(own) = rules_of(own) {
                account
                    .groups
                    .insert(ConversationId::new("cidGroup+/="), own);
            }
            account.any_group = rules_of(any);
            account.group_allow_from = top.map(list);
            let access =
                rules_with(account).access(&group_message("m1", "lin", "你好"), &Guests::default());
            assert_eq!(rule(access), *expected, "row {number}");
        }
    }

    #[test]
    fn a_group_can_be_switched_off_and_an_unknown_bot_is_silent() {
        let mut account = AccountRules::default();
        account.groups.insert(
            ConversationId::new("cidGroup+/="),
            GroupRules {
                disabled: true,
                ..GroupRules::default()
            },
        );
        let rules = rules_with(account);
        assert_eq!(
            rule(rules.access(&group_message("m1", "lin", "你好"), &Guests::default())),
            "group_switched_off"
        );
        let mut stranger = direct_message("m2", "lin", "你好");
        stranger.account = crate::id::AccountId::new("elsewhere");
        assert_eq!(
            rules.access(&stranger, &Guests::default()),
            Access::Denied {
                rule: "unknown_account",
                tell: false
            }
        );
    }

    #[test]
    fn a_group_hears_only_whom_it_may() {
        let person = |id: Option<&str>| Author::Person {
            id: id.map(PersonId::new),
            name: None,
        };
        let account = AccountRules {
            context_visibility: ContextVisibility::Allowlist,
            group_allow_from: Some(list(&["lin"])),
            ..AccountRules::default()
        };
        let rules = rules_with(account);
        let group = group_message("m1", "lin", "你好");
        assert!(rules.may_hear(&group, &person(Some("lin"))));
        assert!(!rules.may_hear(&group, &person(Some("zhou"))));
        assert!(!rules.may_hear(&group, &person(None)));
        assert!(rules.may_hear(&group, &Author::Bot));
        let alone = direct_message("m2", "lin", "你好");
        assert!(rules.may_hear(&alone, &person(None)));
        let open = rules_with(AccountRules::default());
        assert!(open.may_hear(&group, &person(None)));
    }
}
