//! The limiter under a paused clock.

use futures_util::future::join_all;
use tokio::time::sleep;

use super::*;
use crate::id::OutTrackId;

impl Limiter {
    async fn call(&self, endpoint: &'static str) -> Result<(), Duration> {
        self.wait(endpoint, Priority::Final).await
    }
}

fn assert_no_window_is_too_full(times: &[Instant], limit: usize) {
    for window in times.windows(limit + 1) {
        assert!(window[limit] - window[0] > Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn no_window_of_a_second_holds_more_than_the_limit() {
    let limiter = Limiter::new(20);
    let mut times = Vec::new();
    for _ in 0..100 {
        limiter.call("a").await.expect("it is soon");
        times.push(Instant::now());
    }
    assert_no_window_is_too_full(&times, 20);
    assert!(
        times[99] - times[0] < Duration::from_secs(5),
        "it is not slower than it must be"
    );
}

#[tokio::test(start_paused = true)]
async fn endpoints_do_not_delay_each_other() {
    let limiter = Limiter::new(1);
    let start = Instant::now();
    limiter.call("a").await.expect("it is free");
    limiter.call("b").await.expect("it is free");
    assert_eq!(Instant::now(), start);
    limiter.call("a").await.expect("it is soon");
    assert!(start.elapsed() >= WINDOW);
}

#[tokio::test(start_paused = true)]
async fn a_closed_endpoint_is_left_alone() {
    let limiter = Limiter::new(20);
    let start = Instant::now();
    limiter.close("a", Duration::from_secs(15));
    limiter.close("a", Duration::from_secs(1));
    limiter.call("a").await.expect("it is soon");
    assert!(start.elapsed() >= Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_longer_than_makes_sense() {
    let limiter = Limiter::new(1);
    limiter.close("a", Duration::from_secs(60));
    let minute = Duration::from_secs(60);
    // Whoever is sent away takes no place.
    for _ in 0..100 {
        assert_eq!(limiter.call("a").await, Err(minute));
    }
    tokio::time::advance(minute).await;
    assert_eq!(limiter.call("a").await, Ok(()));
    // Whoever sees that the queue is too long does not stand in it.
    let begin = Instant::now();
    let calls = join_all((0..100).map(async |_| {
        let result = limiter.call("a").await;
        result.is_err().then(|| begin.elapsed())
    }));
    let refused: Vec<Duration> = calls.await.into_iter().flatten().collect();
    assert_eq!(refused, [Duration::ZERO; 81]);
    assert!(begin.elapsed() <= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn what_people_wait_for_goes_first() {
    let limiter = Limiter::new(1);
    limiter.call("a").await.expect("it is free");
    let order = Mutex::new(Vec::new());
    let call = async |name: &'static str, priority| {
        let called = limiter.wait("a", priority).await.is_ok();
        order.lock().expect("nobody panics").push((name, called));
    };
    futures_util::join!(
        call("update", Priority::Update(OutTrackId::new("card"))),
        call("first", Priority::First),
        call("final", Priority::Final),
        call("another final", Priority::Final),
        // Whoever gives up is not waited for.
        async {
            let patience = Duration::from_millis(100);
            let given_up = tokio::time::timeout(patience, limiter.call("a")).await;
            given_up.expect_err("the place is not free yet");
        },
    );
    let expected = [
        ("final", true),
        // It is not worth it any more.
        ("update", false),
        ("another final", true),
        ("first", true),
    ];
    assert_eq!(order.into_inner().expect("nobody panics"), expected);
}

/// A card that types itself at one frame per second for twenty seconds, and then ends: how many frames it showed, and how
/// long its end had to wait.
async fn type_and_end(
    limiter: &Limiter,
    card: usize,
    times: &Mutex<Vec<Instant>>,
) -> (u32, Duration) {
    let made = || times.lock().expect("nobody panics").push(Instant::now());
    let begin = limiter.wait("card", Priority::First);
    begin.await.expect("it is soon");
    made();
    let card = OutTrackId::new(format!("card {card}"));
    let end = Instant::now() + Duration::from_secs(20);
    let mut frames = 0;
    while Instant::now() < end {
        let update = limiter.wait("card", Priority::Update(card.clone()));
        if update.await.is_ok() {
            made();
            frames += 1;
        }
        sleep(Duration::from_secs(1)).await;
    }
    let ended = Instant::now();
    limiter.call("card").await.expect("it is soon");
    made();
    (frames, ended.elapsed())
}

#[tokio::test(start_paused = true)]
async fn b07_cards_share_the_limit_and_none_waits_for_its_end() {
    for cards in [30, 100] {
        let limiter = Limiter::new(20);
        let times = Mutex::new(Vec::new());
        let answers = join_all((0..cards).map(|card| type_and_end(&limiter, card, &times))).await;
        assert_no_window_is_too_full(&times.into_inner().expect("nobody panics"), 20);
        let longest = answers.iter().map(|(_, waited)| *waited).max();
        assert!(longest < Some(Duration::from_secs(5)), "{longest:?}");
        let frames: Vec<u32> = answers.iter().map(|(frames, _)| *frames).collect();
        let fewest = *frames.iter().min().expect("there are answers");
        let most = *frames.iter().max().expect("there are answers");
        // 20 seconds have room for 400 calls, less those that begin cards.
        let all: u32 = frames.iter().sum();
        assert!(all > 280, "nothing is left unused: {frames:?}");
        assert!(most - fewest <= 2, "{frames:?}");
    }
}
