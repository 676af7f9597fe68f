//! `POST /v1.0/robot/messageFiles/download`: where a file that somebody sent can be fetched (protocol reference §5.2).

use futures_util::future::BoxFuture;
use serde_json::json;

use super::answer;
use crate::client::{Caller, Request};
use crate::error::Error;
use crate::http::Call;
use crate::id::RobotCode;
use crate::secret::{DownloadCode, DownloadUrl};

/// Exchanges a code for an address, good for a short time; fetch it with [`crate::download`]. Do so at once: how long a
/// code lives is not documented. [`crate::ErrorKind::NotFound`] when it lives no more. Needs the permission
/// `qyapi_robot_sendmsg`.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct DownloadMessageFile {
    /// The robot that the file was sent to.
    pub robot: RobotCode,
    /// Which file.
    pub code: DownloadCode,
}

impl Request for DownloadMessageFile {
    type Response = DownloadUrl;

    fn send(self, caller: Caller<'_>) -> BoxFuture<'_, Result<DownloadUrl, Error>> {
        Box::pin(async move {
            let body = json!({"downloadCode": self.code.expose(), "robotCode": self.robot});
            let call = Call::new("v1.0/robot/messageFiles/download", &body);
            let value = caller.authorized_read(call).await?;
            answer::text(&value["downloadUrl"], "downloadUrl").map(DownloadUrl::new)
        })
    }
}
