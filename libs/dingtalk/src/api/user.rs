//! `POST /topapi/v2/user/get` of the old API: who somebody is (protocol reference §7.4).

use futures_util::future::BoxFuture;
use serde_json::json;

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::Call;
use crate::id::{UnionId, UserId};

/// Asks who somebody is. [`crate::ErrorKind::NotFound`] for nobody. Needs the permission `Contact.User.Read`; does not
/// count towards the month's calls.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct GetUser {
    /// Who.
    pub user: UserId,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What files and documents know this person by.
    pub union_id: UnionId,
    /// The name that the person shows.
    pub name: Option<String>,
}

impl Request for GetUser {
    type Response = User;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<User, Error>> {
        Box::pin(async move {
            let body = json!({"userid": self.user, "language": "zh_CN"});
            let call = Call::old("topapi/v2/user/get", &body);
            let value = caller.authorized_read(call).await?;
            let person = &value["result"];
            Ok(User {
                union_id: answer::text(&person["unionid"], "unionid").map(UnionId::new)?,
                name: answer::optional(&person["name"]),
            })
        })
    }
}
