//! What people should be told when they write next.

use std::time::Duration;

use super::fixture::{Fixture, NOON};
use crate::id::{AccountId, ChannelId, PersonId};
use crate::ports::{Addressee, Obstacle};

/// Each person is told once a day at most, what was noted last, and only what is news; also over a restart.
pub async fn what_a_person_should_be_told_is_told_once_a_day(fixture: &mut impl Fixture) {
    const HOUR: Duration = Duration::from_secs(3_600);
    let whom = |account: &str, person: &str| Addressee {
        channel: ChannelId::new("dingtalk"),
        account: AccountId::new(account),
        person: PersonId::new(person),
    };
    let lacks = |permission: &str| Obstacle::Permission {
        permissions: vec![permission.to_owned()],
    };
    let lin = whom("main", "$:林+/=🦀");
    let store = fixture.open();
    let note = store.note_obstacle(lin.clone(), Obstacle::NotInGroup, NOON);
    note.await.expect("note works");
    let note = store.note_obstacle(lin.clone(), lacks("Card.Write"), NOON);
    note.await.expect("note works");
    drop(store);

    let store = fixture.open();
    for stranger in [whom("second", "$:林+/=🦀"), whom("main", "zhou")] {
        let told = store.take_hint(stranger, NOON).await.expect("take works");
        assert_eq!(told, None);
    }
    let take = async |at| store.take_hint(lin.clone(), at).await.expect("take works");
    assert_eq!(take(NOON).await, Some(lacks("Card.Write")));
    // Told once, and not again a day later unless it is news.
    assert_eq!(take(NOON).await, None);
    assert_eq!(take(NOON.after(48 * HOUR)).await, None);
    let note = store.note_obstacle(lin.clone(), Obstacle::Silenced, NOON.after(HOUR));
    note.await.expect("note works");
    assert_eq!(
        take(NOON.after(24 * HOUR).before(Duration::from_millis(1))).await,
        None
    );
    assert_eq!(take(NOON.after(24 * HOUR)).await, Some(Obstacle::Silenced));

    // What is long past need not be true any more, and is forgotten with the rest.
    let later = NOON.after(100 * HOUR);
    let note = store.note_obstacle(lin.clone(), Obstacle::PersonOutOfReach, later);
    note.await.expect("note works");
    assert_eq!(take(later.after(Obstacle::LASTS).after(HOUR)).await, None);
    store.prune(later.after(HOUR)).await.expect("prune works");
    assert_eq!(take(later.after(HOUR)).await, None);
}
