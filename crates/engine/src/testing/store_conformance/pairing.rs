//! Who is let in beside the lists of the configuration.

use super::fixture::{Fixture, NOON, answered, bodies, minute, replies, undelivered};
use crate::id::{AccountId, ChannelId, MessageId, PersonId, Sequence};
use crate::ports::{Addressee, Decision, Knocked, PairingCode, PairingRequest, Ruling, Store};
use crate::testing::direct_message;
use crate::time::Timestamp;

fn whom(account: &str, person: &str) -> Addressee {
    Addressee {
        channel: ChannelId::new("dingtalk"),
        account: AccountId::new(account),
        person: PersonId::new(person),
    }
}

fn request(account: &str, person: &str, code: &str, at: Timestamp) -> PairingRequest {
    PairingRequest {
        whom: whom(account, person),
        name: "林小满🦀'\"".to_owned(),
        message: MessageId::new("m+/="),
        code: code.to_owned(),
        asked_at: at,
        expires_at: at.after(PairingRequest::HOLDS),
    }
}

fn code(code: &str) -> PairingCode {
    PairingCode {
        channel: None,
        account: None,
        code: code.to_owned(),
    }
}

async fn knock(store: &dyn Store, request: PairingRequest) -> Knocked {
    store.knock(request, 2).await.expect("knock works")
}

async fn decide(store: &dyn Store, which: PairingCode, ruling: Ruling, at: Timestamp) -> Decision {
    let decided = store.rule(which, ruling, at).await;
    decided.expect("decide works")
}

/// A person waits once for each bot, few wait for one bot, and a code lets in once and for an hour; also over a restart.
pub async fn people_are_let_in_by_a_code(fixture: &mut impl Fixture) {
    let grant = || Ruling::Grant {
        by: Some(PersonId::new("boss")),
    };
    let store = fixture.open();
    let lin = request("main", "lin", "AAAA", NOON);
    assert_eq!(
        knock(&*store, lin.clone()).await,
        Knocked::Waiting(lin.clone())
    );
    // Whoever asks again waits with the code that she has.
    let again = request("main", "lin", "BBBB", minute(1));
    assert_eq!(knock(&*store, again).await, Knocked::Waiting(lin.clone()));
    let zhou = request("main", "zhou", "CCCC", minute(2));
    knock(&*store, zhou.clone()).await;
    let third = request("main", "wu", "DDDD", minute(2));
    assert_eq!(knock(&*store, third).await, Knocked::Full);
    let elsewhere = request("second", "lin", "EEEE", minute(3));
    knock(&*store, elsewhere.clone()).await;
    drop(store);

    let store = fixture.open();
    let waiting = store.requests(minute(4)).await.expect("it works");
    assert_eq!(waiting, [lin.clone(), zhou, elsewhere]);
    assert_eq!(store.requests(minute(60)).await.expect("it works").len(), 2);
    let wrong = PairingCode {
        account: Some(AccountId::new("second")),
        ..code("AAAA")
    };
    assert_eq!(
        decide(&*store, wrong, grant(), minute(4)).await,
        Decision::Unknown
    );
    assert_eq!(
        decide(&*store, code("BBBB"), grant(), minute(4)).await,
        Decision::Unknown
    );
    assert_eq!(
        decide(&*store, code("AAAA"), grant(), minute(4)).await,
        Decision::Done(lin.clone())
    );
    assert_eq!(
        decide(&*store, code("AAAA"), grant(), minute(4)).await,
        Decision::Unknown
    );
    assert_eq!(
        decide(&*store, code("CCCC"), grant(), minute(62)).await,
        Decision::Expired
    );
    assert_eq!(knock(&*store, lin.clone()).await, Knocked::Quiet);
    drop(store);

    let store = fixture.open();
    let guests = store.guests().await.expect("it works");
    assert_eq!(guests.len(), 1);
    assert_eq!(
        (&guests[0].whom, &guests[0].name, guests[0].granted_at),
        (&lin.whom, &lin.name, minute(4))
    );
    assert_eq!(guests[0].granted_by, Some(PersonId::new("boss")));
    let account = |name: &str| Some(AccountId::new(name));
    for (account, gone) in [
        (account("second"), Vec::new()),
        (None, vec![lin.whom.clone()]),
        (None, Vec::new()),
    ] {
        let revoked = store.revoke(None, account, PersonId::new("lin")).await;
        assert_eq!(revoked.expect("revoke works"), gone);
    }
    assert_eq!(store.guests().await.expect("it works"), []);
}

/// Whoever is refused does not wait and is not heard for a day; what has expired is forgotten with the rest.
pub async fn whoever_is_refused_may_ask_again_after_a_day(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let lin = request("main", "lin", "AAAA", NOON);
    knock(&*store, lin.clone()).await;
    assert_eq!(
        decide(&*store, code("AAAA"), Ruling::Refuse, minute(1)).await,
        Decision::Done(lin)
    );
    assert_eq!(store.requests(minute(1)).await.expect("it works"), []);
    drop(store);

    let store = fixture.open();
    let grant = Ruling::Grant { by: None };
    assert_eq!(
        decide(&*store, code("AAAA"), grant, minute(2)).await,
        Decision::Unknown
    );
    let soon = request("main", "lin", "BBBB", minute(24 * 60));
    assert_eq!(knock(&*store, soon).await, Knocked::Quiet);
    let later = request("main", "lin", "CCCC", minute(24 * 60 + 1));
    assert_eq!(knock(&*store, later.clone()).await, Knocked::Waiting(later));

    store.prune(minute(26 * 60)).await.expect("prune works");
    let grant = Ruling::Grant { by: None };
    let gone = decide(&*store, code("CCCC"), grant, minute(26 * 60)).await;
    assert_eq!(gone, Decision::Unknown);
}

/// Something can be said to a message that has ended, as long as it is there.
pub async fn something_is_said_behind_the_end(fixture: &mut impl Fixture) {
    let store = fixture.open();
    let message = direct_message("m1", "lin", "你好");
    let sequence = answered(&store, message.clone(), &["暗号"]).await;
    for sequence in [sequence, Sequence(77)] {
        let later = store.answer_later(sequence, replies(&message, &["可以了"]), minute(2));
        later.await.expect("it works");
    }
    drop(store);
    let store = fixture.open();
    assert_eq!(bodies(&undelivered(&store).await), ["暗号", "可以了"]);
}
