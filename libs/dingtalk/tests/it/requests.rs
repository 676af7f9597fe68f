//! What goes over the wire for each endpoint of files, recall and drive, and what is made of the answer.

use std::time::Duration;

use bytes::Bytes;
use dingtalk::api::{
    Content, Dentry, DownloadMessageFile, FindDownload, FindGroupSpace, GetUser, ListDentries,
    MediaKind, RecallFromGroup, RecallFromPeople, SendByWebhook, SendToGroup, UploadMedia, User,
};
use dingtalk::id::{
    ConversationId, DentryId, MediaId, ProcessQueryKey, RobotCode, SpaceId, UnionId, UserId,
};
use dingtalk::transport::HttpRequest;
use dingtalk::{DownloadCode, DownloadUrl, ErrorKind, SessionWebhook, SignatureHeader};
use serde_json::{Value, json};

use crate::scripted::Scripted;

fn robot() -> RobotCode {
    RobotCode::new("dingscript")
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).expect("it is JSON")
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    let (_, value) = headers.find(|(header, _)| *header == name)?;
    Some(value)
}

#[tokio::test(start_paused = true)]
async fn a_code_is_exchanged_for_an_address() {
    let (client, script) = Scripted::client([
        (
            200,
            json!({"downloadUrl": "http://example.invalid/f?Signature=hunter2"}),
        ),
        (
            400,
            json!({"code": "invalidParameter.robotCode.downloadCode", "message": "下载码有误或者已经过期"}),
        ),
        (500, json!({"code": "system.error"})),
        (200, json!({})),
    ]);
    let request = || DownloadMessageFile {
        robot: robot(),
        code: DownloadCode::new("mIof"),
    };
    let url = client.send(request()).await.expect("it is known");
    assert_eq!(
        url,
        DownloadUrl::new("http://example.invalid/f?Signature=hunter2")
    );
    assert!(!format!("{url:?} {:?}", request()).contains("hunter2"));
    let expired = client.send(request()).await.expect_err("it is too late");
    assert_eq!(expired.kind, ErrorKind::NotFound);
    let broken = client.send(request()).await.expect_err("it is broken");
    assert!(broken.is_retryable(), "to ask twice harms nobody: {broken}");
    client
        .send(request())
        .await
        .expect_err("there is no address");

    let asked = &script.asked()[0];
    assert_eq!(
        asked.url.as_str(),
        "https://api.dingtalk.com/v1.0/robot/messageFiles/download"
    );
    assert_eq!(
        header(asked, "x-acs-dingtalk-access-token"),
        Some("the-token")
    );
    assert_eq!(
        body(asked),
        json!({"downloadCode": "mIof", "robotCode": "dingscript"})
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_is_a_form_to_the_old_host() {
    let (client, script) = Scripted::client([
        // The token that was rejected is fetched anew, and the upload repeated.
        (
            200,
            json!({"errcode": 42001, "errmsg": "access_token expired"}),
        ),
        (
            200,
            json!({"errcode": 0, "errmsg": "ok", "media_id": "@lADP", "type": "image"}),
        ),
        (
            200,
            json!({"errcode": 40004, "errmsg": "不合法的媒体文件类型"}),
        ),
    ]);
    let request = |size: usize| UploadMedia {
        kind: MediaKind::Image,
        name: "图.png".to_owned(),
        content_type: "image/png".to_owned(),
        bytes: Bytes::from(vec![7; size]),
    };
    let media = client.send(request(3)).await.expect("it is taken");
    assert_eq!(media, MediaId::new("@lADP"));
    let refused = client.send(request(3)).await.expect_err("it is no image");
    assert_eq!(
        (refused.kind, refused.code.as_str()),
        (ErrorKind::Invalid, "40004")
    );
    let large = client.send(request(20 * 1024 * 1024 + 1)).await;
    let large = large.expect_err("it is too large");
    assert_eq!(large.code, UploadMedia::TOO_LARGE);

    let asked = script.asked();
    assert_eq!(asked.len(), 3, "what is too large is not sent");
    assert_eq!(
        asked[1].url.as_str(),
        "https://oapi.dingtalk.com/media/upload?type=image&access_token=the-token"
    );
    assert_eq!(header(&asked[1], "x-acs-dingtalk-access-token"), None);
    let form = header(&asked[1], "Content-Type").expect("it has one");
    let boundary = form
        .strip_prefix("multipart/form-data; boundary=")
        .expect("it is a form");
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"图.png\"\r\n\
         Content-Type: image/png\r\n\r\n\u{7}\u{7}\u{7}\r\n--{boundary}--\r\n"
    );
    assert_eq!(asked[1].body, expected.as_bytes());
    assert!(asked[1].timeout > client.settings().request_timeout);
}

#[tokio::test(start_paused = true)]
async fn files_are_sent_through_the_open_api_only() {
    let (client, script) = Scripted::client([(200, json!({"processQueryKey": "k"}))]);
    let content = Content::Audio {
        media: MediaId::new("@lADP"),
        duration: Duration::from_millis(1_500),
    };
    let to_group = SendToGroup {
        robot: robot(),
        group: ConversationId::new("cid/+="),
        content: content.clone(),
    };
    client.send(to_group).await.expect("it is taken");
    assert_eq!(
        body(&script.asked()[0])["msgParam"],
        r#"{"mediaId":"@lADP","duration":"1500"}"#
    );
    let by_webhook = SendByWebhook {
        webhook: SessionWebhook::new("https://example.invalid/robot"),
        content,
        mentions: Vec::new(),
    };
    let refused = client
        .send(by_webhook)
        .await
        .expect_err("it cannot be sent");
    assert_eq!(refused.code, "unsupportedByWebhook");
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn messages_are_taken_back() {
    let answer = || {
        (
            200,
            json!({"successResult": ["k1"], "failedResult": {"k2": "已撤回"}}),
        )
    };
    let (client, script) = Scripted::client([
        answer(),
        answer(),
        (400, json!({"code": "robot.processQueryKey.expired"})),
    ]);
    let keys = || vec![ProcessQueryKey::new("k1"), ProcessQueryKey::new("k2")];
    let from_people = || RecallFromPeople {
        robot: robot(),
        messages: keys(),
    };
    let from_group = RecallFromGroup {
        robot: robot(),
        group: ConversationId::new("cid/+="),
        messages: keys(),
    };
    for recalled in [
        client.send(from_people()).await,
        client.send(from_group).await,
    ] {
        let recalled = recalled.expect("it is done");
        assert_eq!(recalled.recalled, [ProcessQueryKey::new("k1")]);
        assert_eq!(
            recalled.failed,
            [(ProcessQueryKey::new("k2"), "已撤回".to_owned())]
        );
    }
    let late = client
        .send(from_people())
        .await
        .expect_err("it is too late");
    assert_eq!(late.kind, ErrorKind::NotFound);
    let none = RecallFromPeople {
        robot: robot(),
        messages: Vec::new(),
    };
    client.send(none).await.expect_err("there is nothing to do");

    let asked = script.asked();
    assert_eq!(
        asked[0].url.path(),
        "/v1.0/robot/otoMessages/batchRecall",
        "`oto` in small letters"
    );
    assert_eq!(
        body(&asked[0]),
        json!({"robotCode": "dingscript", "processQueryKeys": ["k1", "k2"]})
    );
    assert_eq!(asked[1].url.path(), "/v1.0/robot/groupMessages/recall");
    assert_eq!(body(&asked[1])["openConversationId"], "cid/+=");
}

#[tokio::test(start_paused = true)]
async fn a_file_of_a_group_is_found_by_its_time() {
    let (client, script) = Scripted::client([
        (
            200,
            json!({"errcode": 0, "result": {"userid": "lin001", "unionid": "iis6+x", "name": "林小满"}}),
        ),
        (
            200,
            json!({"space": {"spaceId": "223573", "corpId": "ding1"}}),
        ),
        (
            200,
            json!({"dentries": [
            {"id": "1", "name": "旧", "type": "FOLDER", "createTime": "Fri Jul 29 14:55:25 CST 2022"},
            {"id": "117848", "name": "总结.docx", "type": "FILE", "size": 2048, "createTime": "2022-07-29T06:55:25Z", "creatorId": "iis6+x"},
        ], "nextToken": "n1"}),
        ),
        (200, json!({"dentries": []})),
        (
            200,
            json!({"protocol": "HEADER_SIGNATURE", "headerSignatureInfo": {
                "resourceUrls": ["https://example.invalid/f", "https://example.invalid/g"],
                "headers": {"Authorization": "hunter2", "x-oss-date": "d"}, "expirationSeconds": 900,
            }}),
        ),
    ]);
    let user = client
        .send(GetUser {
            user: UserId::new("lin001"),
        })
        .await;
    let user = user.expect("she exists");
    let member = UnionId::new("iis6+x");
    assert_eq!(
        user,
        User {
            union_id: member.clone(),
            name: Some("林小满".to_owned())
        }
    );
    let space = client.send(FindGroupSpace {
        group: ConversationId::new("cid/+="),
        member: member.clone(),
    });
    let space = space.await.expect("there is one");
    assert_eq!(space, SpaceId::new("223573"));
    let list = |next_token: Option<String>| ListDentries {
        space: space.clone(),
        member: member.clone(),
        page_size: 50,
        next_token,
    };
    let page = client.send(list(None)).await.expect("it is a page");
    assert!(page.dentries[0].is_folder);
    assert_eq!(
        page.dentries[1],
        Dentry {
            id: DentryId::new("117848"),
            name: "总结.docx".to_owned(),
            is_folder: false,
            size: Some(2_048),
            created_at: Some(1_659_077_725_000),
            creator: Some(member.clone()),
        }
    );
    assert_eq!(page.dentries[0].created_at, page.dentries[1].created_at);
    let last = client
        .send(list(page.next_token))
        .await
        .expect("it is a page");
    assert_eq!(last.next_token, None);
    let find = |dentry: &str| FindDownload {
        space: space.clone(),
        dentry: DentryId::new(dentry),
        member: member.clone(),
    };
    let download = client.send(find("117848")).await.expect("it is there");
    assert_eq!(download.expires_in, Some(Duration::from_secs(900)));
    assert_eq!(
        download.headers[0],
        ("Authorization".to_owned(), SignatureHeader::new("hunter2"))
    );
    assert_eq!(download.sources().count(), 2);
    assert!(!format!("{download:?}").contains("hunter2"));
    // An id out of a card that anybody can make leads nowhere else.
    client
        .send(find(".."))
        .await
        .expect_err("it is not even sent");

    let asked = script.asked();
    let addresses: Vec<&str> = asked.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(
        addresses,
        [
            "https://oapi.dingtalk.com/topapi/v2/user/get?access_token=the-token",
            "https://api.dingtalk.com/v1.0/convFile/conversations/spaces/query",
            "https://api.dingtalk.com/v1.0/storage/spaces/223573/dentries/listAll?unionId=iis6%2Bx",
            "https://api.dingtalk.com/v1.0/storage/spaces/223573/dentries/listAll?unionId=iis6%2Bx",
            "https://api.dingtalk.com/v1.0/storage/spaces/223573/dentries/117848/downloadInfos/query?unionId=iis6%2Bx",
        ]
    );
    assert_eq!(
        body(&asked[0]),
        json!({"userid": "lin001", "language": "zh_CN"})
    );
    assert_eq!(
        body(&asked[1]),
        json!({"openConversationId": "cid/+=", "unionId": "iis6+x"})
    );
    assert_eq!(
        body(&asked[3]),
        json!({"option": {"maxResults": 50, "order": "DESC", "nextToken": "n1"}})
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_administrator_must_allow_is_said() {
    let denied = json!({
        "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied", "message": "应用尚未开通所需的权限",
        "accessdenieddetail": {"requiredScopes": ["ConvFile.Space.Read"]},
    });
    let (client, _script) = Scripted::client([
        (403, denied),
        (
            400,
            json!({"code": "orgAuthLevelNotEnough", "message": "企业认证等级不足"}),
        ),
        (200, json!({"errcode": 60121, "errmsg": "找不到该用户"})),
        (
            200,
            json!({"errcode": 88, "errmsg": "…", "sub_code": "60011", "sub_msg": "应用尚未开通所需的权限：[qyapi_get_member]，点击链接申请"}),
        ),
    ]);
    let find = || FindGroupSpace {
        group: ConversationId::new("cid"),
        member: UnionId::new("u"),
    };
    let scopes = vec!["ConvFile.Space.Read".to_owned()];
    for expected in [scopes, Vec::new()] {
        let error = client.send(find()).await.expect_err("it is refused");
        assert_eq!(error.kind, ErrorKind::Permission { scopes: expected });
    }
    let nobody = || GetUser {
        user: UserId::new("nobody"),
    };
    let error = client.send(nobody()).await.expect_err("nobody is there");
    assert_eq!(error.kind, ErrorKind::NotFound);
    let error = client.send(nobody()).await.expect_err("it is refused");
    let scopes = vec!["qyapi_get_member".to_owned()];
    assert_eq!(error.kind, ErrorKind::Permission { scopes });
    assert!(error.message.starts_with("应用尚未开通"));
}
