//! The real binary behind proxies: HTTP and SOCKS, with and without a password, with a company that reads along; and what
//! is said where one of them stands in the way.

mod proxies;
mod site;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chela_agents::builtin::Web as _;
use chela_gateway::config::{Network, ProxySource};
use chela_gateway::media::{Allowlist, Document, DocumentReader, Guard, Lookup, Pages};
use chela_gateway::outward::Outward;
use chela_gateway::secret::{Secret, SecretSource};
use dingtalk_emulator::{Emulator, World};
use proxies::{Manner, PLATFORM, Server, authority, http_proxy, socks_proxy, tls_before};
use serde_json::{Value, json};
use site::Site;

/// A site whose platform is behind TLS and has a name that only a proxy knows.
struct Office {
    site: Site,
    platform: Emulator,
    /// TLS before the platform.
    front: Server,
}

impl Office {
    async fn new(manner: Manner) -> Self {
        let site = Site::with_colleagues(env!("CARGO_BIN_EXE_chela"), Duration::ZERO, 1).await;
        let platform = Emulator::builder()
            .world(World::demo())
            .configure(|settings| {
                settings.requests_per_second = None;
                settings.dead_connection_stays = Duration::ZERO;
            })
            .public_url(PLATFORM)
            .start()
            .await
            .expect("the platform starts");
        let front = tls_before(platform.address(), manner).await;
        let app = platform.app().clone();
        site.configure(|config| {
            let dingtalk = &mut config["channels"]["dingtalk"];
            dingtalk["clientId"] = app.client_id.as_str().into();
            dingtalk["clientSecret"] = app.client_secret.reveal().into();
            dingtalk["endpoint"] = PLATFORM.into();
            dingtalk["oapiEndpoint"] = PLATFORM.into();
            config["proxy"] = json!({ "tls": { "caFile": authority() } });
        });
        Self {
            site,
            platform,
            front,
        }
    }

    fn through(&self, address: &str) {
        self.site
            .configure(|config| config["proxy"]["proxyUrl"] = address.into());
    }

    async fn examine(&self) -> Value {
        let output = self
            .site
            .run(&["doctor", "--json", "--only", "network,credentials,stream"])
            .await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Asks a question and waits for the answer, with the real gateway.
    async fn converse(&self, variables: &[(&str, &str)]) {
        let mut command = self.site.command();
        command
            .args(["gateway", "run"])
            .envs(variables.iter().copied());
        let mut gateway = command.spawn().expect("the binary starts");
        let waited = self.platform.wait_for_connections(1).await;
        waited.expect("it connects");
        self.platform
            .say("林小满", "代理后面能用吗")
            .expect("she may");
        let chat = self.platform.direct("林小满").expect("she is there");
        let answered = self.platform.wait_for_answers(&chat, 1).await;
        answered.expect("it answers");
        site::terminate(&mut gateway).await;
    }
}

fn found<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("there are checks");
    let found = checks.iter().find(|found| found["check"] == check);
    found.unwrap_or_else(|| panic!("{check} was not made: {report:#}"))
}

fn assert_code(report: &Value, check: &str, code: &str) {
    let found = found(report, check);
    assert_eq!(found["reports"][0]["code"], code, "{check}: {report:#}");
}

fn assert_good(report: &Value) {
    for check in [
        "network.proxy_server",
        "network.proxy",
        "network.certificate",
        "network.websocket",
        "credentials",
        "stream",
    ] {
        assert_eq!(found(report, check)["status"], "ok", "{check}: {report:#}");
    }
}

#[tokio::test]
async fn everything_goes_through_an_http_proxy_with_a_password() {
    let office = Office::new(Manner::Honest).await;
    let proxy = http_proxy(office.front.address, Some(("lin", "p@ss:词"))).await;
    office.through(&format!("http://lin:p%40ss%3A%E8%AF%8D@{}", proxy.address));
    let report = office.examine().await;
    assert_good(&report);
    assert!(!report.to_string().contains("p%40ss"), "{report:#}");
    office.converse(&[]).await;
    let asked = office.front.asked();
    assert!(
        asked
            .iter()
            .any(|line| line.starts_with("GET /connect?ticket=")),
        "{asked:?}"
    );
    assert!(
        proxy
            .asked()
            .iter()
            .all(|head| head.starts_with("CONNECT api.dingtalk.example:443 "))
    );
}

#[tokio::test]
async fn everything_goes_through_a_socks_proxy_with_a_password() {
    let office = Office::new(Manner::Honest).await;
    let proxy = socks_proxy(office.front.address, Some(("lin", "secret"))).await;
    office.through(&format!("socks5h://lin:secret@{}", proxy.address));
    assert_good(&office.examine().await);
    office.converse(&[]).await;
    assert!(
        proxy
            .asked()
            .iter()
            .all(|asked| asked == "api.dingtalk.example:443")
    );
}

#[tokio::test]
async fn the_environment_names_proxy_and_authority_in_capitals_or_small_letters() {
    for (proxy_variable, authority_variable) in [
        ("HTTPS_PROXY", "SSL_CERT_FILE"),
        ("all_proxy", "NODE_EXTRA_CA_CERTS"),
    ] {
        let office = Office::new(Manner::Honest).await;
        office.site.configure(|config| {
            config.as_object_mut().expect("it is one").remove("proxy");
        });
        let proxy = http_proxy(office.front.address, None).await;
        let address = proxy.address.to_string();
        let authority = authority().display().to_string();
        office
            .converse(&[(proxy_variable, &address), (authority_variable, &authority)])
            .await;
        assert!(!proxy.asked().is_empty());
    }
}

#[tokio::test]
async fn a_bot_has_a_proxy_of_its_own() {
    let office = Office::new(Manner::Honest).await;
    let own = http_proxy(office.front.address, None).await;
    let usual = http_proxy(office.front.address, None).await;
    office.through(&format!("http://{}", usual.address));
    office.site.configure(|config| {
        config["channels"]["dingtalk"]["proxyUrl"] = format!("http://{}", own.address).into();
    });
    assert_good(&office.examine().await);
    assert!(!own.asked().is_empty());
    assert!(usual.asked().is_empty());
    // And none: the name means nothing here then.
    office
        .site
        .configure(|config| config["channels"]["dingtalk"]["proxyUrl"] = "none".into());
    assert_code(&office.examine().await, "network.dns", "CHELA-3002");
    assert!(usual.asked().is_empty());
}

#[tokio::test]
async fn a_change_of_the_proxy_holds_at_once() {
    let office = Office::new(Manner::Honest).await;
    let before = http_proxy(office.front.address, None).await;
    let after = socks_proxy(office.front.address, None).await;
    office.through(&format!("http://{}", before.address));
    let mut gateway = office.site.start();
    office
        .platform
        .wait_for_connections(1)
        .await
        .expect("it connects");
    office.through(&format!("socks5h://{}", after.address));
    let applied = |status: &Value| status["status"]["reload"]["applied"] == true;
    let status = office.site.wait_for_status(applied).await;
    assert!(status.to_string().contains("proxy.proxyUrl"), "{status:#}");
    let waiting = async {
        while office.platform.counters().connections_opened < 2 {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
    waited.expect("it connects again");
    assert!(!after.asked().is_empty());
    office.platform.say("林小满", "换了代理").expect("she may");
    let chat = office.platform.direct("林小满").expect("she is there");
    office
        .platform
        .wait_for_answers(&chat, 1)
        .await
        .expect("it answers");
    site::terminate(&mut gateway).await;
}

#[tokio::test]
async fn b23_what_stands_in_the_way_is_told_by_its_code() {
    let office = Office::new(Manner::Honest).await;
    // The proxy wants a password, and has another one.
    let proxy = http_proxy(office.front.address, Some(("lin", "secret"))).await;
    office.through(&format!("http://{}", proxy.address));
    let report = office.examine().await;
    assert_code(&report, "network.proxy", "CHELA-1041");
    assert_code(&report, "credentials", "CHELA-1041");
    office.through(&format!("http://lin:wrong-word@{}", proxy.address));
    let report = office.examine().await;
    assert_code(&report, "network.proxy", "CHELA-1041");
    assert!(!report.to_string().contains("wrong-word"), "{report:#}");
    let socks = socks_proxy(office.front.address, Some(("lin", "secret"))).await;
    office.through(&format!("socks5h://lin:wrong-word@{}", socks.address));
    assert_code(&office.examine().await, "network.proxy", "CHELA-1041");
    office.through(&format!("socks5h://{}", socks.address));
    assert_code(&office.examine().await, "network.proxy", "CHELA-1041");
    // Nobody listens there.
    for scheme in ["http", "socks5h"] {
        office.through(&format!("{scheme}://lin:wrong-word@127.0.0.1:1"));
        let report = office.examine().await;
        assert_code(&report, "network.proxy_server", "CHELA-1042");
        assert_code(&report, "network.proxy", "CHELA-1042");
        assert!(!report.to_string().contains("wrong-word"), "{report:#}");
    }
}

#[tokio::test]
async fn b23_a_certificate_that_nobody_trusts_is_told_with_its_issuer() {
    let office = Office::new(Manner::Honest).await;
    let proxy = http_proxy(office.front.address, None).await;
    office.site.configure(|config| {
        config["proxy"] = json!({ "proxyUrl": format!("http://{}", proxy.address) });
    });
    let report = office.examine().await;
    assert_code(&report, "network.certificate", "CHELA-3028");
    let words = found(&report, "network.certificate").to_string();
    assert!(
        words.contains("示例集团上网安全网关") && words.contains("caFile"),
        "{words}"
    );
    assert_eq!(found(&report, "network.proxy_server")["status"], "ok");
    // A file without certificates is none.
    let wrong = office.site.home.path().join("空.pem");
    std::fs::write(&wrong, "不是证书").unwrap();
    office
        .site
        .configure(|config| config["proxy"]["tls"] = json!({ "caFile": wrong }));
    let report = office.examine().await;
    assert_code(&report, "network.proxy_server", "CHELA-1040");
    assert!(
        found(&report, "network.proxy_server")
            .to_string()
            .contains("proxy.tls.caFile")
    );
}

#[tokio::test]
async fn b23_websockets_that_are_cut_and_pages_for_people_are_told_apart() {
    let office = Office::new(Manner::CutsWebSockets).await;
    let proxy = http_proxy(office.front.address, None).await;
    office.through(&format!("http://{}", proxy.address));
    let report = office.examine().await;
    assert_eq!(
        found(&report, "network.proxy")["status"],
        "ok",
        "{report:#}"
    );
    assert_eq!(found(&report, "stream")["status"], "ok", "{report:#}");
    assert_code(&report, "network.websocket", "CHELA-1043");

    let office = Office::new(Manner::CaptivePortal).await;
    let proxy = http_proxy(office.front.address, None).await;
    office.through(&format!("http://{}", proxy.address));
    let report = office.examine().await;
    assert_code(&report, "network.proxy", "CHELA-1044");
}

#[tokio::test]
async fn an_address_that_is_none_is_told_without_what_it_says() {
    let office = Office::new(Manner::Honest).await;
    office.through("htp://lin:secret-word@proxy.example");
    let output = office.site.run(&["config", "validate"]).await;
    let printed = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(78), "{printed}");
    assert!(
        printed.contains("proxy.proxyUrl") && printed.contains("socks5h://"),
        "{printed}"
    );
    assert!(!printed.contains("secret-word"), "{printed}");
    office.through("http://lin:secret-word@proxy.example");
    for command in [
        &["config", "get", "proxy"][..],
        &["config", "get", "proxy.proxyUrl"],
    ] {
        let output = office.site.run(command).await;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            printed.contains("***") && !printed.contains("secret-word"),
            "{printed}"
        );
    }
}

/// What pages are fetched through a proxy, and what it was asked for.
struct Fetching {
    pages: Pages,
    proxy: Server,
}

impl Fetching {
    async fn through(scheme: &str, proxy: Server, resolves_names: bool) -> Self {
        tokio_rustls::rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let address = format!("{scheme}://{}", proxy.address);
        let source = ProxySource {
            setting: "proxy.proxyUrl".to_owned(),
            address: SecretSource::Given(Secret::new(address)),
        };
        let network = Network {
            secure: Some(source.clone()),
            plain: Some(source),
            resolves_names,
            ..Network::default()
        };
        let outward = Outward::prepare(&network).await.expect("it is one");
        let lookup: Lookup = Arc::new(|name: String| {
            Box::pin(async move {
                let address: IpAddr = match name.as_str() {
                    "page.site.example" => "93.184.216.34".parse().expect("it is an address"),
                    "intranet.site.example" => "10.0.0.8".parse().expect("it is an address"),
                    _ => return Err(std::io::Error::other("no such name")),
                };
                Ok(vec![address])
            })
        });
        let guard = Guard::for_answers(Allowlist::default()).looking_up(lookup);
        let pages = Pages::new(guard.through(outward), Arc::new(AsItIs));
        Self { pages, proxy }
    }

    async fn fetch(&self, url: &str) -> Result<String, String> {
        let page = self.pages.fetch(url.to_owned()).await;
        page.map(|page| page.text)
    }
}

struct AsItIs;

impl DocumentReader for AsItIs {
    fn read(
        &self,
        path: PathBuf,
        _name: Option<String>,
    ) -> futures_util::future::BoxFuture<'static, Document> {
        let text = std::fs::read_to_string(path).ok();
        Box::pin(async move {
            Document {
                text,
                remarks: Vec::new(),
            }
        })
    }
}

/// Says the same to whoever asks, without TLS.
async fn page() -> (tokio::task::JoinSet<()>, std::net::SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    let router = axum::Router::new().fallback(|| async { "一页" });
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (tasks, address)
}

#[tokio::test]
async fn pages_come_through_a_socks_proxy_from_the_address_that_was_checked() {
    let (_tasks, behind) = page().await;
    for scheme in ["socks5", "socks5h"] {
        let proxy = socks_proxy(behind, None).await;
        let fetching = Fetching::through(scheme, proxy, true).await;
        assert_eq!(
            fetching
                .fetch("http://page.site.example/a")
                .await
                .as_deref(),
            Ok("一页")
        );
        for refused in [
            "http://intranet.site.example/",
            "http://10.0.0.8/",
            "http://unknown.site.example/",
        ] {
            assert!(fetching.fetch(refused).await.is_err(), "{refused}");
        }
        assert_eq!(fetching.proxy.asked(), ["93.184.216.34:80"]);
    }
}

#[tokio::test]
async fn pages_come_through_an_http_proxy_and_nothing_of_the_own_network_does() {
    let (_tasks, behind) = page().await;
    let fetching = Fetching::through("http", http_proxy(behind, None).await, false).await;
    assert_eq!(
        fetching
            .fetch("http://page.site.example/a?b")
            .await
            .as_deref(),
        Ok("一页")
    );
    let asked = fetching.proxy.asked().concat().to_lowercase();
    // The number that was checked, whatever the name means to the proxy.
    assert!(
        asked.starts_with("get http://93.184.216.34/a?b http/1.1"),
        "{asked}"
    );
    assert!(asked.contains("host: page.site.example\r\n"), "{asked}");
    for refused in [
        "http://intranet.site.example/",
        "https://intranet.site.example/",
        "http://10.0.0.8/",
        "http://169.254.169.254/",
    ] {
        let refused = fetching.fetch(refused).await;
        assert_eq!(
            refused.unwrap_err(),
            "only addresses of the public internet may be fetched"
        );
    }
    // What cannot be checked is not left to the proxy unless an operator says so.
    let unknown = fetching
        .fetch("https://unknown.site.example/")
        .await
        .unwrap_err();
    assert!(unknown.contains("proxy.resolvesNames"), "{unknown}");
    assert_eq!(fetching.proxy.asked().len(), 1);
    // In TLS it is asked for the name, and must show a certificate for it; nobody trusts this one here.
    let front = tls_before(behind, Manner::Honest).await;
    let fetching = Fetching::through("http", http_proxy(front.address, None).await, true).await;
    assert!(fetching.fetch("https://page.site.example/").await.is_err());
    assert!(
        fetching
            .fetch("https://unknown.site.example/")
            .await
            .is_err()
    );
    let asked = fetching.proxy.asked();
    assert!(
        asked[0].starts_with("CONNECT page.site.example:443 "),
        "{asked:?}"
    );
    assert!(
        asked[1].starts_with("CONNECT unknown.site.example:443 "),
        "{asked:?}"
    );
    assert!(front.asked().is_empty());
}

#[tokio::test]
async fn models_tools_and_alerts_go_the_usual_way_and_the_bot_its_own() {
    let office = Office::new(Manner::Honest).await;
    let config = std::fs::read_to_string(office.site.home.path().join("chela.json")).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    let model = config["models"]["providers"]["echo"]["baseUrl"]
        .as_str()
        .expect("there is one");
    let model = model.trim_start_matches("http://").trim_end_matches("/v1");
    let usual = http_proxy(model.parse().expect("it is an address"), None).await;
    let own = http_proxy(office.front.address, None).await;
    office.through(&format!("http://{}", usual.address));
    office.site.configure(|config| {
        config["channels"]["dingtalk"]["proxyUrl"] = format!("http://{}", own.address).into();
        config["models"]["providers"]["echo"]["baseUrl"] = "http://model.site.example/v1".into();
        config["mcp"] = json!({ "servers": { "far": { "url": "http://tools.site.example/mcp" } } });
        let webhook = "http://robot.site.example/robot/send?access_token=t";
        config["alerts"] = json!({ "webhook": webhook });
    });
    let report = office.site.run(&["doctor", "--only", "alerts"]).await;
    assert!(!report.stdout.is_empty());
    office.converse(&[]).await;
    let asked = usual.asked().concat();
    for address in [
        "POST http://model.site.example/v1/chat/completions ",
        "POST http://tools.site.example/mcp ",
        "POST http://robot.site.example/robot/send?",
    ] {
        assert!(asked.contains(address), "{address}: {asked}");
    }
    assert!(!asked.contains("dingtalk.example"), "{asked}");
    assert!(
        own.asked()
            .iter()
            .all(|head| head.starts_with("CONNECT api.dingtalk.example:443 "))
    );
}

#[test]
fn one_place_makes_every_client_of_the_gateway() {
    // The second reaches this machine only; the third is the beginning of a client that goes on in the first.
    const PLACES: [&str; 3] = ["outward/way.rs", "cli/remote.rs", "media/guard.rs"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut makers = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if text.contains("Client::builder()") || text.contains("reqwest::Client::new()") {
                let name = path.strip_prefix(&root).unwrap();
                makers.push(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    makers.retain(|name| !PLACES.contains(&name.as_str()) && !name.contains("tests/"));
    assert!(makers.is_empty(), "use `outward` there: {makers:?}");
}
