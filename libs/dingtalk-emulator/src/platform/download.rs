//! `POST /v1.0/robot/messageFiles/download`: from a download code to a link (protocol reference §5.2).

use std::sync::Arc;

use serde_json::json;

use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::ApiFailure;
use crate::platform::robot::{foreign_robot, json_body, text};
use crate::world::App;

impl Platform {
    pub(crate) fn download_link(
        &mut self,
        call: &Call,
        app: &Arc<App>,
    ) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        let robot = text(&body, "robotCode").ok_or_else(|| {
            ApiFailure::bad("invalidParameter.robotCode.empty", "robotCode不能为空")
        })?;
        if app.robot_code != *robot {
            return Err(foreign_robot());
        }
        let code = text(&body, "downloadCode")
            .and_then(|code| self.media.code(code))
            .cloned()
            .ok_or_else(bad_code)?;
        if code.robot != app.robot_code {
            return Err(foreign_robot());
        }
        if code.expires_ms <= self.now_ms || self.media.get(code.number).is_none() {
            return Err(bad_code());
        }
        let url = self.signed_link(code.number);
        Ok(json!({"downloadUrl": url}).into())
    }
}

fn bad_code() -> ApiFailure {
    ApiFailure::bad(
        "invalidParameter.robotCode.downloadCode",
        "下载码有误或者已经过期",
    )
}
