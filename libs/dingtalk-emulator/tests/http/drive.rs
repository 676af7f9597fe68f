//! Files of a group that came without a download code (protocol reference §5.4).

use super::*;

const SPACE: &str = "/v1.0/convFile/conversations/spaces/query";
const USER: &str = "/topapi/v2/user/get";

struct Drive {
    emulator: Emulator,
    http: Http,
    token: String,
    union_id: String,
}

impl Drive {
    async fn start(world: World) -> Self {
        let emulator = Emulator::builder()
            .world(world)
            // 2026-11-25T18:20:13 in China.
            .time_ms(1_795_602_013_000)
            .start()
            .await
            .unwrap();
        let http = Http::of(&emulator);
        let token = http.token(&emulator).await;
        let user = http
            .post(
                &format!("{USER}?access_token={token}"),
                &json!({"userid": STAFF}),
            )
            .await
            .json();
        let union_id = user["result"]["unionid"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Self {
            emulator,
            http,
            token,
            union_id,
        }
    }

    async fn post(&self, path: &str, body: Value) -> support::Answer {
        tokio::time::advance(Duration::from_secs(1)).await;
        self.http.post_with_token(path, &self.token, &body).await
    }

    fn put(&self, name: &str) {
        let file = Media::new(name, format!("%PDF-1.7 {name}"));
        let said = Utterance::file("周大川", file).in_group(GROUP);
        self.emulator.utter(&said).unwrap();
    }

    async fn space(&self) -> String {
        let group = self.emulator.group(GROUP).unwrap();
        let body = json!({"openConversationId": group, "unionId": self.union_id});
        let answer = self.post(SPACE, body).await.json();
        answer["space"]["spaceId"].as_str().unwrap().to_owned()
    }

    fn list(&self, space: &str) -> String {
        format!(
            "/v1.0/storage/spaces/{space}/dentries/listAll?unionId={}",
            self.union_id
        )
    }

    fn info(&self, space: &str, dentry: &str) -> String {
        format!(
            "/v1.0/storage/spaces/{space}/dentries/{dentry}/downloadInfos/query?unionId={}",
            self.union_id
        )
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_of_a_group_is_found_by_its_time_and_downloaded() {
    let drive = Drive::start(world()).await;
    for name in ["一.pdf", "二.pdf", "三.pdf"] {
        drive.put(name);
    }
    let space = drive.space().await;
    let page =
        |token: &str| json!({"option": {"maxResults": 2, "nextToken": token, "order": "DESC"}});
    let first = drive.post(&drive.list(&space), page("")).await.json();
    let names = |page: &Value| -> Vec<String> {
        let dentries = page["dentries"].as_array().unwrap();
        dentries
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&first), ["三.pdf", "二.pdf"]);
    assert_eq!(
        first["dentries"][0]["createTime"],
        "Wed Nov 25 18:20:13 CST 2026"
    );
    let rest = drive
        .post(
            &drive.list(&space),
            page(first["nextToken"].as_str().unwrap()),
        )
        .await
        .json();
    assert_eq!(
        (names(&rest), rest.get("nextToken")),
        (vec!["一.pdf".to_owned()], None)
    );

    let dentry = first["dentries"][1]["id"].as_str().unwrap();
    let info = drive
        .post(&drive.info(&space, dentry), json!({}))
        .await
        .json();
    assert_eq!(info["protocol"], "HEADER_SIGNATURE");
    let signed = &info["headerSignatureInfo"];
    assert_eq!(signed["expirationSeconds"], 900);
    let url = signed["resourceUrls"][0].as_str().unwrap();
    let headers = signed["headers"].as_object().unwrap();
    let get = async |changes: Value| {
        let mut request = drive.http.request("GET", url);
        for (name, value) in changed(Value::Object(headers.clone()), changes)
            .as_object()
            .unwrap()
        {
            request = request.header(name, value.as_str().unwrap());
        }
        let answer = drive.http.send(request).await.unwrap();
        (answer.status, answer.text)
    };
    assert_eq!(get(json!({})).await, (200, "%PDF-1.7 二.pdf".to_owned()));
    for (changes, expected) in [
        (json!({"x-oss-date": null}), "SignatureDoesNotMatch"),
        (json!({"Authorization": "OSS x:y"}), "SignatureDoesNotMatch"),
        (json!({"Authorization": null}), "AccessDenied"),
        (
            json!({"Content-Type": "application/json"}),
            "SignatureDoesNotMatch",
        ),
        (
            json!({"x-acs-dingtalk-access-token": "x"}),
            "SignatureDoesNotMatch",
        ),
    ] {
        let (status, text) = get(changes.clone()).await;
        assert_eq!(status, 403, "{changes}");
        assert!(text.contains(expected), "{changes}: {text}");
    }
    drive.emulator.advance(Duration::from_secs(900));
    let (status, text) = get(json!({})).await;
    assert_eq!((status, text.contains("Request has expired.")), (403, true));
}

#[tokio::test(start_paused = true)]
async fn the_drive_is_only_for_those_who_are_in_the_group() {
    let drive = Drive::start(world()).await;
    drive.put("一.pdf");
    let space = drive.space().await;
    let group = drive.emulator.group(GROUP).unwrap();
    let direct = drive.emulator.direct(PERSON).unwrap();
    for body in [
        json!({"openConversationId": group}),
        json!({"openConversationId": group, "unionId": STAFF}),
        json!({"unionId": drive.union_id}),
        json!({"openConversationId": direct, "unionId": drive.union_id}),
    ] {
        assert_eq!(drive.post(SPACE, body.clone()).await.status, 400, "{body}");
    }
    for path in [
        drive.list("1"),
        format!("/v1.0/storage/spaces/{space}/dentries/listAll"),
        drive.info(&space, "1"),
    ] {
        assert_eq!(drive.post(&path, json!({})).await.status, 400, "{path}");
    }
    let too_many = json!({"option": {"maxResults": 51}});
    assert_eq!(drive.post(&drive.list(&space), too_many).await.status, 400);
    let user = async |token: &str, body: Value| {
        let path = format!("{USER}?access_token={token}");
        drive.http.post(&path, &body).await.json()["errcode"].clone()
    };
    assert_eq!(
        user(&drive.token, json!({"userid": "nobody"})).await,
        60_121
    );
    assert_eq!(user(&drive.token, json!({"userid": "guest"})).await, 60_121);
    assert_eq!(user(&drive.token, json!({})).await, 400_002);
    assert_eq!(user("made-up", json!({"userid": STAFF})).await, 40_014);
}

#[tokio::test(start_paused = true)]
async fn each_step_needs_its_permission_and_a_verified_organisation() {
    let scopes = [
        ("ConvFile.Space.Read", SPACE),
        (
            "Storage.File.Read",
            "/v1.0/storage/spaces/1/dentries/listAll",
        ),
        (
            "Storage.DownloadInfo.Read",
            "/v1.0/storage/spaces/1/dentries/1/downloadInfos/query",
        ),
    ];
    let mut app = App::new("dingplain", "secret", "小钳").without_scope("Contact.User.Read");
    for (scope, _) in scopes {
        app = app.without_scope(scope);
    }
    let person = Person::new(PERSON, STAFF);
    let drive = Drive::start(World::new("示例科技").app(app).person(person)).await;
    for (scope, path) in scopes {
        let answer = drive.post(path, json!({})).await;
        assert_eq!(answer.status, 403);
        assert_eq!(
            answer.json()["accessdenieddetail"]["requiredScopes"],
            json!([scope])
        );
    }
    let path = format!("{USER}?access_token={}", drive.token);
    let answer = drive.http.post(&path, &json!({"userid": STAFF})).await;
    assert_eq!(code(&answer), (200, json!(60_011)));

    let drive = Drive::start(world().unverified()).await;
    let group = drive.emulator.group(GROUP).unwrap();
    let body = json!({"openConversationId": group, "unionId": drive.union_id});
    assert_eq!(
        code(&drive.post(SPACE, body).await),
        (400, json!("orgAuthLevelNotEnough"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_shared_from_the_drive_can_be_downloaded_by_its_ids() {
    let drive = Drive::start(world()).await;
    let mut socket = Socket::connect(&drive.emulator).await;
    let card = Card::DriveFile(Media::new("预算.xlsx", "PK 预算"));
    let seen = pushed(&drive.emulator, &mut socket, &Utterance::card(PERSON, card)).await;
    let url = seen["content"]["biz_custom_action_url"].as_str().unwrap();
    let value = |name: &str| {
        let (_, rest) = url.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    let path = drive.info(&value("spaceId"), &value("fileId"));
    let info = drive.post(&path, json!({})).await.json();
    let signed = &info["headerSignatureInfo"];
    let mut request = drive
        .http
        .request("GET", signed["resourceUrls"][0].as_str().unwrap());
    for (name, value) in signed["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    assert_eq!(drive.http.send(request).await.unwrap().text, "PK 预算");
}
