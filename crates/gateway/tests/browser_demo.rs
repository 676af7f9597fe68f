//! The demo page in a real browser: write, see the answer, cut the line, still get each answer exactly once.
//!
//! Needs Chromium, which `cargo xtask test` installs. With `CHELA_SCREENSHOTS=<folder>` pictures are left there.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::input::InsertTextParams;
use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::page::ScreenshotParams;
use chromiumoxide::{Browser, BrowserConfig, Page};
use futures_util::StreamExt;
use tokio::task::JoinSet;

/// How long anything on the page may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// How the answer to 慢 ends, twelve seconds after it began.
const LAST_WORDS_OF_SLOW: &str = "慢工出细活";

/// The demo, ended with the test.
struct Demo {
    process: Child,
    address: String,
    _home: tempfile::TempDir,
}

impl Demo {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(env!("CARGO_BIN_EXE_chela"))
            .args(["demo", "--no-open", "--port", "0", "--lang", "zh"])
            .env_clear()
            .env("HOME", home.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the demo starts");
        let output = process.stdout.take().expect("it was piped");
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = lines
            .into_iter()
            .find_map(|line| Some(line.split_once("http://")?.1.trim().to_owned()));
        let address = format!(
            "http://{}",
            address.expect("the demo prints where its page is")
        );
        Self {
            process,
            address,
            _home: home,
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // A demo that has ended by itself is no failure here.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

struct Tab {
    page: Page,
    /// Keeps the browser and the task that talks to it.
    _browser: Browser,
    _tasks: JoinSet<()>,
    _profile: tempfile::TempDir,
}

impl Tab {
    async fn open(address: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let config = BrowserConfig::builder()
            .no_sandbox()
            .new_headless_mode()
            .request_timeout(2 * PATIENCE)
            .window_size(1280, 800)
            .viewport(chromiumoxide::handler::viewport::Viewport {
                width: 1280,
                height: 800,
                ..Default::default()
            })
            .user_data_dir(profile.path())
            .args([
                "disable-gpu",
                "disable-quic",
                "no-first-run",
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
            ])
            .build()
            .expect("Chromium is installed: cargo xtask test does it, or apt-get install chromium");
        let (browser, mut events) = Browser::launch(config).await.expect("Chromium starts");
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { while events.next().await.is_some() {} });
        let page = browser.new_page(address).await.expect("the page opens");
        Self {
            page,
            _browser: browser,
            _tasks: tasks,
            _profile: profile,
        }
    }

    /// Waits until a JavaScript condition holds; looks again whenever the page changes.
    async fn wait_for(&self, condition: &str) {
        let script = format!(
            "new Promise(resolve => {{
                const check = () => {{ if ({condition}) {{ resolve(true); watch.disconnect(); }} }};
                const watch = new MutationObserver(check);
                watch.observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
                check();
            }})"
        );
        let waited = tokio::time::timeout(PATIENCE, self.page.evaluate(script)).await;
        if waited.is_err() {
            let text = self.text_of("document.body").await;
            panic!("waited for `{condition}` in vain; the page shows:\n{text}");
        }
        waited
            .expect("in time")
            .expect("the condition is JavaScript");
    }

    async fn text_of(&self, element: &str) -> String {
        let text = self
            .page
            .evaluate(format!("{element}.innerText"))
            .await
            .expect("there is such an element");
        text.into_value().expect("text")
    }

    /// Clicks in the page itself: lists are drawn anew while messages arrive, and an element found before is gone.
    async fn click(&self, testid: &str) {
        let element = format!("document.querySelector(\"[data-testid='{testid}']\")");
        self.wait_for(&element).await;
        self.page
            .evaluate(format!("{element}.click()"))
            .await
            .expect("it can be clicked");
    }

    async fn write(&self, text: &str) {
        let input = self
            .page
            .find_element("[data-testid='input']")
            .await
            .expect("there is an input");
        input.click().await.expect("it can be clicked");
        // As an input method does it: a keyboard has no key for a Chinese character.
        let typed = InsertTextParams::new(text);
        self.page.execute(typed).await.expect("it takes text");
        self.click("send").await;
    }

    /// How many messages of the bot hold a text.
    async fn answers_with(&self, text: &str) -> usize {
        let count = self
            .page
            .evaluate(format!("{}.length", answers_with(text)))
            .await
            .expect("it can be counted");
        count.into_value().expect("a number")
    }

    async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("CHELA_SCREENSHOTS") else {
            return;
        };
        let params = ScreenshotParams::builder()
            .format(CaptureScreenshotFormat::Png)
            .build();
        let path = PathBuf::from(folder).join(format!("{name}.png"));
        self.page
            .save_screenshot(params, path)
            .await
            .expect("the picture is taken");
    }
}

fn answers_with(text: &str) -> String {
    format!(
        "[...document.querySelectorAll(\"[data-testid='message'][data-author='bot']\")].filter(m => m.innerText.includes('{text}'))"
    )
}

#[tokio::test]
async fn write_see_the_answer_cut_the_line_and_get_each_answer_once() {
    let demo = Demo::start();
    let tab = Tab::open(&demo.address).await;
    tab.wait_for("document.querySelector(\"[data-testid='person-0']\")")
        .await;

    // Alone with the bot.
    tab.write("echo: 第一问 🦀").await;
    tab.wait_for(&format!("{}.length === 1", answers_with("第一问 🦀")))
        .await;
    tab.wait_for("document.querySelector(\"[data-testid='step-delivered'].done\")")
        .await;
    tab.picture("direct").await;

    // A second colleague sees nothing of it.
    tab.click("person-1").await;
    tab.wait_for("![...document.querySelectorAll(\"[data-testid='message']\")].some(m => m.innerText.includes('第一问'))").await;

    // In the group, with a mention.
    tab.click("conversation-group").await;
    tab.write("echo: 群里的问题").await;
    tab.wait_for(&format!("{}.length === 1", answers_with("群里的问题")))
        .await;
    tab.picture("group").await;

    // Pushed twice, answered once.
    tab.click("conversation-dm").await;
    tab.click("fault-twice").await;
    tab.write("echo: 推两次").await;
    tab.wait_for(&format!("{}.length === 1", answers_with("推两次")))
        .await;
    tab.click("fault-twice").await;

    // The connection is killed and the line is cut while an answer is being written: it arrives all the same.
    tab.write("慢").await;
    tab.wait_for("document.querySelectorAll(\"[data-testid='way']:first-child [data-testid='step-acked'].done\").length === 1").await;
    tab.click("fault-kill").await;
    tab.click("fault-cut").await;
    tab.picture("cut").await;
    tab.wait_for(&format!(
        "{}.length === 1",
        answers_with(LAST_WORDS_OF_SLOW)
    ))
    .await;
    tab.wait_for(
        "document.querySelector(\"[data-testid='connection']\").innerText.includes('已连接')",
    )
    .await;
    tab.write("echo: 最后一问").await;
    tab.wait_for(&format!("{}.length === 1", answers_with("最后一问")))
        .await;
    for text in ["推两次", LAST_WORDS_OF_SLOW, "最后一问"] {
        assert_eq!(tab.answers_with(text).await, 1, "{text}");
    }

    // What was thought is a block of its own above what is said, and the foot stands below both.
    tab.write("只思考").await;
    tab.wait_for(
        "document.querySelector(\".ai-card[data-state='failed'] .card-block.thought + .card-answer\")",
    )
    .await;
    tab.wait_for("document.querySelector(\".card-answer ~ [data-testid='card-status']\")")
        .await;
    tab.picture("blocks").await;

    // In English, and nothing broke on the way.
    tab.click("lang").await;
    tab.wait_for("document.documentElement.lang === 'en'").await;
    tab.picture("english").await;
}
