//! Who has asked to be let in, and who was.

use std::collections::BTreeMap;

use crate::id::{AccountId, ChannelId, PersonId};
use crate::ports::{Addressee, Decision, Guest, Knocked, PairingCode, PairingRequest, Ruling};
use crate::time::Timestamp;

#[derive(Default)]
pub(super) struct Table {
    /// Without a code: refused.
    requests: BTreeMap<Addressee, (PairingRequest, bool)>,
    guests: BTreeMap<Addressee, Guest>,
}

impl Table {
    pub(super) fn guests(&self) -> Vec<Guest> {
        self.guests.values().cloned().collect()
    }

    pub(super) fn requests(&self, at: Timestamp) -> Vec<PairingRequest> {
        let rows = self.requests.values();
        let live = rows.filter(|(request, refused)| !refused && request.expires_at > at);
        let mut live: Vec<_> = live.map(|(request, _)| request.clone()).collect();
        live.sort_by_key(|request| (request.asked_at, request.whom.clone()));
        live
    }

    pub(super) fn knock(&mut self, request: PairingRequest, most: usize) -> Knocked {
        let (whom, now) = (&request.whom, request.asked_at);
        if self.guests.contains_key(whom) {
            return Knocked::Quiet;
        }
        match self.requests.get(whom) {
            Some((before, refused)) if before.expires_at > now => {
                return if *refused {
                    Knocked::Quiet
                } else {
                    Knocked::Waiting(before.clone())
                };
            }
            _ => {}
        }
        let of_bot = |other: &PairingRequest| {
            (&other.whom.channel, &other.whom.account) == (&whom.channel, &whom.account)
        };
        let waiting = self.requests(now);
        if waiting.iter().filter(|other| of_bot(other)).count() >= most {
            return Knocked::Full;
        }
        let kept = request.clone();
        self.requests.insert(whom.clone(), (kept, false));
        Knocked::Waiting(request)
    }

    pub(super) fn decide(
        &mut self,
        which: &PairingCode,
        ruling: Ruling,
        at: Timestamp,
    ) -> Decision {
        let fits = |request: &PairingRequest| {
            let whom = &request.whom;
            request.code == which.code
                && which.channel.as_ref().is_none_or(|it| *it == whom.channel)
                && which.account.as_ref().is_none_or(|it| *it == whom.account)
        };
        let rows = self.requests.values();
        let mut found = rows.filter(|(request, refused)| !refused && fits(request));
        let newest = found.by_ref().max_by_key(|(request, _)| request.expires_at);
        let Some((request, _)) = newest.cloned() else {
            return Decision::Unknown;
        };
        if request.expires_at <= at {
            return Decision::Expired;
        }
        match ruling {
            Ruling::Grant { by } => {
                self.requests.remove(&request.whom);
                let guest = Guest {
                    whom: request.whom.clone(),
                    name: request.name.clone(),
                    granted_at: at,
                    granted_by: by,
                };
                self.guests.insert(request.whom.clone(), guest);
            }
            Ruling::Refuse => {
                let refused = PairingRequest {
                    expires_at: at.after(PairingRequest::REFUSED),
                    ..request.clone()
                };
                self.requests.insert(request.whom.clone(), (refused, true));
            }
        }
        Decision::Done(request)
    }

    pub(super) fn revoke(
        &mut self,
        channel: Option<&ChannelId>,
        account: Option<&AccountId>,
        person: &PersonId,
    ) -> Vec<Addressee> {
        let gone = |whom: &Addressee| {
            whom.person == *person
                && channel.is_none_or(|it| *it == whom.channel)
                && account.is_none_or(|it| *it == whom.account)
        };
        let revoked: Vec<_> = self.guests.keys().filter(|it| gone(it)).cloned().collect();
        self.guests.retain(|whom, _| !gone(whom));
        revoked
    }

    pub(super) fn prune(&mut self, before: Timestamp) {
        self.requests
            .retain(|_, (request, _)| request.expires_at >= before);
    }
}
