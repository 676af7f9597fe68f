//! `POST /media/upload` of oapi.*, and the public address of what was uploaded (protocol reference §5.1, O15).

use serde_json::json;

use crate::media::Media;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::failure::OapiFailure;
use crate::platform::media_store::UploadKind;
use crate::platform::oss::OssFailure;
use crate::platform::webhook::bad_token;

/// Path of the upload.
pub(crate) const UPLOAD_PATH: &str = "/media/upload";
/// Where uploaded pictures can be had without a token, as at `down.dingtalk.com`.
pub(crate) const PUBLIC_PATH: &str = "/media/";
/// Scope of the upload.
const UPLOAD_SCOPE: &str = "qyapi_base";

const MEGABYTE: usize = 1024 * 1024;

/// `type`, its largest size, and the extensions that the documentation lists.
const KINDS: [(&str, UploadKind, usize, &[&str]); 4] = [
    (
        "image",
        UploadKind::Image,
        20 * MEGABYTE,
        &["jpg", "jpeg", "gif", "png", "bmp"],
    ),
    (
        "voice",
        UploadKind::Voice,
        2 * MEGABYTE,
        &["amr", "mp3", "wav"],
    ),
    ("video", UploadKind::Video, 20 * MEGABYTE, &["mp4"]),
    (
        "file",
        UploadKind::File,
        20 * MEGABYTE,
        &[
            "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar",
        ],
    ),
];

impl Platform {
    pub(crate) fn upload_media(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let token = call
            .query_or_form("access_token")
            .ok_or_else(|| missing("access_token"))?;
        let app = self.app_of_token(&token).map_err(bad_token)?;
        if !app.scopes.contains(UPLOAD_SCOPE) {
            return Err(OapiFailure::missing_scope(UPLOAD_SCOPE));
        }
        self.admit(&app, UPLOAD_PATH).map_err(|_| {
            OapiFailure::new(
                90_018,
                "您的服务器调用钉钉开放平台所有接口的请求都被暂时禁用了",
            )
        })?;
        self.charge_api_call(&call.method, UPLOAD_PATH)
            .map_err(|_| OapiFailure::new(90_020, "您的企业本月接口调用量已超过上限"))?;

        let kind = call.query_or_form("type").ok_or_else(|| missing("type"))?;
        let (name, kind, largest, extensions) = KINDS
            .iter()
            .find(|(name, ..)| *name == kind)
            .ok_or_else(bad_kind)?;
        let part = call
            .form_part("media")
            .filter(|part| part.file_name.is_some())
            .ok_or_else(|| missing("media"))?;
        let media = Media::new(
            part.file_name.as_deref().unwrap_or_default(),
            part.bytes.clone(),
        );
        if media.bytes.is_empty() || media.bytes.len() > *largest {
            // The number is that of the global table of codes; which one the platform uses here is not documented.
            return Err(OapiFailure::new(40_006, "不合法的文件大小"));
        }
        if !self.settings.uploads_take_any_format
            && !extensions.contains(&media.extension().as_str())
        {
            return Err(bad_kind());
        }
        let id = self.chance.media_id(match kind {
            UploadKind::Image => "@lADP",
            UploadKind::Voice | UploadKind::Video => "@lAL",
            UploadKind::File => "$iAE",
        });
        self.media.upload(id.clone(), *kind, media);
        Ok(json!({
            "errcode": 0, "errmsg": "ok", "media_id": id, "created_at": self.now_ms, "type": name,
        })
        .into())
    }

    /// `GET /media/<id without @>`: works for pictures only.
    pub(crate) fn public_media(&self, name: &str) -> Result<Answer, OssFailure> {
        self.media
            .uploaded(&format!("@{name}"))
            .filter(|upload| upload.kind == UploadKind::Image)
            .and_then(|upload| self.media.get(upload.number))
            .map(Answer::file)
            .ok_or_else(|| OssFailure::no_such_key(name))
    }
}

fn missing(what: &str) -> OapiFailure {
    OapiFailure::new(40_035, format!("缺少参数 {what}"))
}

fn bad_kind() -> OapiFailure {
    OapiFailure::new(40_004, "不合法的媒体文件类型")
}
