//! The API that finds and downloads the files of the drive (protocol reference §5.4). The codes of refusals that the
//! reference does not name are guesses.

use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value, json};

use crate::id::ConversationId;
use crate::platform::Platform;
use crate::platform::call::{Answer, Call};
use crate::platform::drive::{Dentry, Space};
use crate::platform::failure::{ApiFailure, OapiFailure};
use crate::platform::robot::{json_body, text};
use crate::platform::webhook::bad_token;
use crate::world::{Membership, Person};

/// Scope of the look-up of people; for their absence the old host has a code of its own.
const PEOPLE_SCOPE: &str = "Contact.User.Read";
/// Entries of one page, at most and by default.
const PAGE: usize = 50;

impl Platform {
    /// `POST /topapi/v2/user/get` of oapi.*.
    pub(crate) fn user_get(&mut self, call: &Call) -> Result<Answer, OapiFailure> {
        let token = call
            .query
            .get("access_token")
            .ok_or_else(|| OapiFailure::new(40_035, "缺少参数 access_token"))?;
        let app = self.app_of_token(token).map_err(bad_token)?;
        if !app.scopes.contains(PEOPLE_SCOPE) {
            return Err(OapiFailure::missing_scope(PEOPLE_SCOPE));
        }
        self.admit(&app, &call.path).map_err(|_| {
            OapiFailure::new(
                90_018,
                "您的服务器调用钉钉开放平台所有接口的请求都被暂时禁用了",
            )
        })?;
        let body = call
            .object()
            .ok_or_else(|| OapiFailure::new(400_002, "参数错误"))?;
        let id = text(&body, "userid").ok_or_else(|| OapiFailure::new(400_002, "参数错误"))?;
        let person = self
            .directory
            .person(id)
            .filter(|person| person.membership == Membership::Colleague)
            .filter(|person| app.is_visible_to(&person.id))
            .ok_or_else(|| OapiFailure::new(60_121, "找不到该用户"))?;
        Ok(json!({
            "errcode": 0, "errmsg": "ok", "request_id": self.chance.hex(8),
            "result": {
                "userid": person.id, "unionid": person.union_id, "name": person.name, "admin": person.is_admin,
                "active": true,
            },
        })
        .into())
    }

    /// `POST /v1.0/convFile/conversations/spaces/query`.
    pub(crate) fn query_space(&mut self, call: &Call) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        self.check_organisation()?;
        let person = self.person_with(text(&body, "unionId"))?;
        let conversation =
            text(&body, "openConversationId").ok_or_else(|| bad("openConversationId不能为空"))?;
        let conversation = ConversationId::from(conversation);
        if self.directory.group(conversation.as_str()).is_none()
            || !self.can_see(&person, &conversation)
        {
            return Err(bad("openConversationId不合法"));
        }
        let id = self.space_of(&conversation);
        let created = self.drive.space(&id).map_or(0, |space| space.created_ms);
        let created = self.drive_time(created);
        Ok(json!({"space": {
            "spaceId": id, "corpId": self.directory.corp_id, "createTime": created, "modifiedTime": created,
        }})
        .into())
    }

    /// `POST /v1.0/storage/spaces/{spaceId}/dentries/listAll`.
    pub(crate) fn list_dentries(&mut self, call: &Call, space: &str) -> Result<Answer, ApiFailure> {
        let body = json_body(call)?;
        let space = self.space_for(call, space)?;
        let option = &body["option"];
        let size = match &option["maxResults"] {
            Value::Null => PAGE,
            given => given
                .as_u64()
                .and_then(|size| usize::try_from(size).ok())
                .filter(|size| (1..=PAGE).contains(size))
                .ok_or_else(|| bad("maxResults不合法"))?,
        };
        let start = match option["nextToken"].as_str() {
            None | Some("") => 0,
            Some(token) => token.parse::<usize>().map_err(|_| bad("nextToken不合法"))?,
        };
        let mut dentries: Vec<&Dentry> = space.dentries.iter().collect();
        if option["order"].as_str() == Some("DESC") {
            dentries.reverse();
        }
        let page: Vec<Value> = dentries
            .iter()
            .skip(start)
            .take(size)
            .map(|dentry| self.dentry_value(dentry))
            .collect();
        let next = start + page.len();
        let mut answer = json!({"dentries": page});
        if next < dentries.len() {
            answer["nextToken"] = next.to_string().into();
        }
        Ok(answer.into())
    }

    /// `POST /v1.0/storage/spaces/{spaceId}/dentries/{dentryId}/downloadInfos/query`.
    pub(crate) fn dentry_download(
        &mut self,
        call: &Call,
        space: &str,
        dentry: &str,
    ) -> Result<Answer, ApiFailure> {
        json_body(call)?;
        let space = self.space_for(call, space)?;
        let number = space
            .dentries
            .iter()
            .find(|one| one.key.id == dentry)
            .map(|dentry| dentry.number)
            .ok_or_else(|| ApiFailure::bad("paramError.dentryId", "文件不存在"))?;
        let date = self.http_date();
        let (url, headers) = self.link_with_headers(number, date);
        let headers: Map<String, Value> = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        Ok(json!({
            "protocol": "HEADER_SIGNATURE",
            "headerSignatureInfo": {
                "resourceUrls": [url],
                "headers": headers,
                "expirationSeconds": self.settings.download_link_lifetime.as_secs(),
                "region": "ZHANGJIAKOU",
            },
        })
        .into())
    }

    /// The space that is asked for, if the person may look into it.
    fn space_for(&self, call: &Call, asked: &str) -> Result<&Space, ApiFailure> {
        self.check_organisation()?;
        let person = self.person_with(call.query.get("unionId").map(String::as_str))?;
        self.drive
            .space(asked)
            .filter(|space| self.can_see(&person, &space.conversation))
            .ok_or_else(|| ApiFailure::bad("paramError.spaceId", "空间不存在"))
    }

    fn check_organisation(&self) -> Result<(), ApiFailure> {
        if self.directory.is_verified {
            Ok(())
        } else {
            Err(ApiFailure::bad("orgAuthLevelNotEnough", "企业认证等级不足"))
        }
    }

    /// The codes of these refusals are not documented.
    fn person_with(&self, union_id: Option<&str>) -> Result<Arc<Person>, ApiFailure> {
        union_id
            .and_then(|union_id| {
                let people = self.directory.people();
                people.iter().find(|person| person.union_id == union_id)
            })
            .cloned()
            .ok_or_else(|| ApiFailure::bad("paramError.unionId", "unionId不合法"))
    }

    fn dentry_value(&self, dentry: &Dentry) -> Value {
        let creator = self
            .directory
            .person(dentry.creator.as_str())
            .map(|person| person.union_id.clone());
        let time = self.drive_time(dentry.created_ms);
        json!({
            "id": dentry.key.id, "uuid": dentry.uuid, "spaceId": dentry.key.space, "parentId": "0", "type": "FILE",
            "name": dentry.name, "extension": dentry.extension, "size": dentry.size, "path": format!("/{}", dentry.name),
            "version": 1, "status": "NORMAL", "creatorId": creator, "modifierId": creator,
            "createTime": time, "modifiedTime": time,
        })
    }

    /// `Wed Nov 25 18:20:13 CST 2026`, as clients have seen it, or ISO 8601.
    fn drive_time(&self, at_ms: i64) -> String {
        let time = in_china(at_ms);
        if self.settings.drive_times_are_iso {
            time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        } else {
            time.strftime("%a %b %d %H:%M:%S CST %Y").to_string()
        }
    }

    fn http_date(&self) -> String {
        let time = Timestamp::from_millisecond(self.now_ms).unwrap_or_default();
        time.to_zoned(TimeZone::UTC)
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }
}

/// Times of the drive are those of China Standard Time.
fn in_china(at_ms: i64) -> Zoned {
    Timestamp::from_millisecond(at_ms)
        .unwrap_or_default()
        .to_zoned(Offset::constant(8).to_time_zone())
}

fn bad(message: &str) -> ApiFailure {
    ApiFailure::bad("paramError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_in_china() {
        let time = in_china(1_794_745_213_000);
        assert_eq!(
            time.strftime("%a %b %d %H:%M:%S CST %Y").to_string(),
            "Sun Nov 15 20:20:13 CST 2026"
        );
    }
}
