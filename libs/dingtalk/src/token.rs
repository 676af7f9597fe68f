//! The access token of one application: fetched once for everybody who waits, renewed early, dropped when refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use crate::api::GrantedToken;
use crate::error::{Error, ErrorKind};
use crate::secret::AccessToken;

/// A token is renewed this long before it expires (protocol reference §1.3), or in its second half if it lives shorter.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// After a failed renewal of a token that still works.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);

/// Fetches a new token from the platform.
pub(crate) type Fetch = dyn Fn() -> BoxFuture<'static, Result<GrantedToken, Error>> + Send + Sync;

type Flight = Shared<BoxFuture<'static, Result<AccessToken, Error>>>;

/// See the module. Shared by all clones of a client.
pub(crate) struct TokenCache {
    state: Arc<Mutex<State>>,
    fetch: Box<Fetch>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    flight: Option<Flight>,
}

struct Held {
    token: AccessToken,
    renew_at: Instant,
    expires_at: Instant,
}

impl TokenCache {
    pub(crate) fn new(fetch: Box<Fetch>) -> Self {
        Self {
            state: Arc::default(),
            fetch,
        }
    }

    /// A token that works, as far as we know.
    ///
    /// All who ask while one is being fetched wait for the same call. It goes on when some of them give up.
    pub(crate) async fn get(&self) -> Result<AccessToken, Error> {
        let flight = {
            let mut state = lock(&self.state);
            if let Some(held) = &state.held
                && Instant::now() < held.renew_at
            {
                return Ok(held.token.clone());
            }
            let flight = state.flight.take().filter(|flight| flight.peek().is_none());
            let flight = flight.unwrap_or_else(|| self.take_off());
            state.flight = Some(flight.clone());
            flight
        };
        flight.await
    }

    /// Forgets a token that the platform refused, unless it has been replaced already.
    pub(crate) fn invalidate(&self, refused: &AccessToken) {
        let mut state = lock(&self.state);
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.token == *refused)
        {
            state.held = None;
        }
    }

    fn take_off(&self) -> Flight {
        let state = Arc::clone(&self.state);
        let fetching = (self.fetch)();
        async move {
            let fetched = fetching.await;
            lock(&state).land(fetched, Instant::now())
        }
        .boxed()
        .shared()
    }
}

impl State {
    fn land(
        &mut self,
        fetched: Result<GrantedToken, Error>,
        now: Instant,
    ) -> Result<AccessToken, Error> {
        match (fetched, &mut self.held) {
            (Ok(granted), held) => {
                let early = EARLY.min(granted.expires_in / 2);
                let expires_at = now + granted.expires_in;
                *held = Some(Held {
                    token: granted.token.clone(),
                    renew_at: expires_at - early,
                    expires_at,
                });
                Ok(granted.token)
            }
            // What failed was an early renewal: the old token is good for some minutes more.
            (Err(error), Some(held))
                if now < held.expires_at && *error.kind() != ErrorKind::Auth =>
            {
                held.renew_at = (now + RENEWAL_PAUSE).min(held.expires_at);
                Ok(held.token.clone())
            }
            // Whatever became of the call for a token, the call that wanted it has surely not been made.
            (Err(error), _) if *error.kind() == ErrorKind::Unknown => {
                Err(error.with_kind(ErrorKind::Transient))
            }
            (Err(error), _) => Err(error),
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenCache(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Counts fetches; each takes a second and gives `token-<n>` for 7,200 s, or fails.
    fn cache(
        failing: impl Fn(u32) -> bool + Send + Sync + 'static,
    ) -> (Arc<TokenCache>, Arc<AtomicU32>) {
        let fetches = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&fetches);
        let fetch = move || {
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            let failed = failing(number);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if failed {
                    return Err(Error::new("token", ErrorKind::Unknown, "cut"));
                }
                Ok(GrantedToken {
                    token: AccessToken::from(format!("token-{number}")),
                    expires_in: Duration::from_secs(7_200),
                })
            }
            .boxed()
        };
        (Arc::new(TokenCache::new(Box::new(fetch))), fetches)
    }

    #[tokio::test(start_paused = true)]
    async fn one_flight_for_everybody() {
        let (cache, fetches) = cache(|_| false);
        let tokens = futures_util::future::join_all((0..50).map(|_| cache.get())).await;
        assert!(
            tokens
                .into_iter()
                .all(|token| token.is_ok_and(|token| token.expose() == "token-1"))
        );
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_flight_survives_whoever_started_it() {
        let (cache, fetches) = cache(|_| false);
        let impatient = tokio::time::timeout(Duration::from_millis(10), cache.get()).await;
        assert!(impatient.is_err());
        assert!(cache.get().await.is_ok());
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn renewed_five_minutes_early() {
        let (cache, _) = cache(|_| false);
        assert!(cache.get().await.is_ok());
        tokio::time::advance(Duration::from_secs(7_200 - 301)).await;
        assert_eq!(cache.get().await.expect("a token").expose(), "token-1");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(cache.get().await.expect("a token").expose(), "token-2");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_renewal_keeps_the_old_token_until_it_expires() {
        let (cache, fetches) = cache(|number| number > 1);
        assert!(cache.get().await.is_ok());
        tokio::time::advance(Duration::from_secs(7_000)).await;
        assert_eq!(
            cache.get().await.expect("the old token").expose(),
            "token-1"
        );
        assert_eq!(
            cache.get().await.expect("the old token").expose(),
            "token-1"
        );
        assert_eq!(
            fetches.load(Ordering::SeqCst),
            2,
            "no renewal for half a minute"
        );
        tokio::time::advance(Duration::from_secs(200)).await;
        let error = cache.get().await.expect_err("expired");
        assert_eq!(
            error.kind(),
            &ErrorKind::Transient,
            "nothing was executed that mattered"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_dropped_once() {
        let (cache, fetches) = cache(|_| false);
        let first = cache.get().await.expect("a token");
        cache.invalidate(&first);
        let second = cache.get().await.expect("a token");
        cache.invalidate(&first);
        assert_eq!(cache.get().await.expect("a token"), second);
        assert_eq!(fetches.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_reaches_all_and_is_not_remembered() {
        let (cache, fetches) = cache(|number| number == 1);
        let failures = futures_util::future::join_all((0..5).map(|_| cache.get())).await;
        assert!(failures.iter().all(Result::is_err));
        assert!(cache.get().await.is_ok());
        assert_eq!(fetches.load(Ordering::SeqCst), 2);
    }
}
