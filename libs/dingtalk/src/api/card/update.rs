//! `PUT /v1.0/card/instances`: other values for some variables (protocol reference §6.5).

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use serde_json::json;

use super::CardVariables;
use super::create::private_data;
use crate::api::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::Call;
use crate::id::{OutTrackId, UserId};

/// Changes the variables that are named and leaves all others as they are. Lists and objects can only be changed in this
/// way. Needs the permission `Card.Instance.Write`.
///
/// # Errors
/// A repetition harms nobody, so that a lost call is [`crate::ErrorKind::Transient`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a request does nothing until a client sends it"]
pub struct UpdateCard {
    /// Which card.
    pub card: OutTrackId,
    /// What everybody sees. May be empty if `private` is not.
    pub variables: CardVariables,
    /// What one person sees in place of that.
    pub private: BTreeMap<UserId, CardVariables>,
}

impl Request for UpdateCard {
    type Response = ();

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            let mut body = json!({
                "outTrackId": self.card, "userIdType": 1,
                // Without these the platform forgets all variables that are not named.
                "cardUpdateOptions": {"updateCardDataByKey": true, "updatePrivateDataByKey": true},
            });
            if !self.variables.is_empty() {
                body["cardData"] = self.variables.json();
            }
            if !self.private.is_empty() {
                body["privateData"] = private_data(&self.private);
            }
            if self.variables.is_empty() && self.private.is_empty() {
                let code = "param.cardDataAndPrivateDataBothEmpty";
                return Err(Error::invalid(code, "there is nothing to change"));
            }
            let call = Call::put("v1.0/card/instances", &body);
            answer::done(&caller.authorized_read(call).await?).map_err(Error::harmless)
        })
    }
}
