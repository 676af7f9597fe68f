//! Pages of the web as text, and the whole text of documents: what tools read.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chela_agents::builtin::{FileText, Web, WebPage};
use chela_engine::ports::CollectError;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use tokio::task::spawn_blocking;
use url::Url;

use super::fetch::{Arriving, fetch};
use super::guard::Guard;
use super::reader::{Document, DocumentReader};
use crate::catalogue::Language;

/// Bytes of one page.
const LARGEST: usize = 2 * 1024 * 1024;
/// Bytes at the beginning that tell what a page is.
const HEAD: usize = 1024;

/// Reads for tools. Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    guard: Guard,
    /// Made when it is first needed: each client reads the certificates of the system.
    client: Arc<OnceLock<reqwest::Client>>,
    documents: Arc<dyn DocumentReader>,
}

impl Pages {
    /// Reaches what a guard lets through; documents are read by somebody who gives the whole of them.
    pub fn new(guard: Guard, documents: Arc<dyn DocumentReader>) -> Self {
        Self {
            guard,
            client: Arc::default(),
            documents,
        }
    }

    async fn page(self, address: String) -> Result<WebPage, String> {
        let url = Url::parse(&address).map_err(|_| "this is no address".to_owned())?;
        let client = self.client()?;
        let limit = LARGEST as u64;
        let arriving = fetch(&client, &self.guard, &address, limit).await;
        let Arriving { name, bytes } = arriving.map_err(|error| reason(&error))?;
        let (content, is_cut) = beginning(bytes).await?;
        let name = named(&content, name);
        let file = spawn_blocking(move || {
            let mut file = tempfile::NamedTempFile::new()?;
            file.write_all(&content)?;
            Ok::<_, std::io::Error>(file.into_temp_path())
        });
        let file = match file.await {
            Ok(Ok(file)) => file,
            _ => return Err("there is no room on this machine to read the page".to_owned()),
        };
        let document = self.documents.read(file.to_path_buf(), Some(name)).await;
        let mut text = absolute(&text(document)?, &url);
        if is_cut {
            text.push_str("\n(The page is longer than what is fetched.)");
        }
        Ok(WebPage {
            url: url.into(),
            text,
        })
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = self.guard.client_builder().build().map_err(|error| {
            tracing::error!(%error, "no client for pages");
            "pages cannot be fetched on this machine".to_owned()
        })?;
        Ok(self.client.get_or_init(|| client).clone())
    }
}

impl Web for Pages {
    fn fetch(&self, url: String) -> BoxFuture<'static, Result<WebPage, String>> {
        self.clone().page(url).boxed()
    }
}

impl FileText for Pages {
    fn read(
        &self,
        path: PathBuf,
        name: Option<String>,
    ) -> BoxFuture<'static, Result<String, String>> {
        let document = self.documents.read(path, name);
        async { text(document.await) }.boxed()
    }
}

/// What a document says, or why it says nothing; models read English as well as anybody.
fn text(document: Document) -> Result<String, String> {
    let remarks = document.remarks.iter();
    let remarks: Vec<_> = remarks
        .map(|remark| remark.get(Language::English))
        .collect();
    let remarks = remarks.join("; ");
    match document.text.filter(|text| !text.trim().is_empty()) {
        Some(text) if remarks.is_empty() => Ok(text),
        Some(text) => Ok(format!("{text}\n({remarks})")),
        None if remarks.is_empty() => Err("there is no text in it".to_owned()),
        None => Err(remarks),
    }
}

async fn beginning(mut bytes: chela_engine::ports::ByteStream) -> Result<(Vec<u8>, bool), String> {
    let mut content = Vec::new();
    while let Some(piece) = bytes.next().await {
        let piece = piece.map_err(|error| error.to_string())?;
        content.extend(piece.iter().take(LARGEST - content.len()));
        if content.len() == LARGEST {
            return Ok((content, true));
        }
    }
    if content.is_empty() {
        return Err("the page is empty".to_owned());
    }
    Ok((content, false))
}

/// A name with an ending that says what the content is: addresses of pages have none, or a wrong one.
fn named(content: &[u8], name: Option<String>) -> String {
    let head = content.get(..HEAD).unwrap_or(content);
    let head = String::from_utf8_lossy(head).to_lowercase();
    if head.contains("<!doctype html") || head.contains("<html") || head.contains("<head") {
        return "page.html".to_owned();
    }
    match name {
        Some(name) if name.contains('.') => name,
        _ => "page.txt".to_owned(),
    }
}

/// Links with whole addresses, so that they can be followed.
fn absolute(markdown: &str, base: &Url) -> String {
    let mut pieces = markdown.split("](");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str("](");
        let end = piece.find([')', ' ', '\n']).unwrap_or(piece.len());
        let (target, rest) = piece.split_at(end);
        match base.join(target) {
            Ok(url) if !target.is_empty() && !target.starts_with('#') => {
                text.push_str(url.as_str())
            }
            _ => text.push_str(target),
        }
        text.push_str(rest);
    }
    text
}

fn reason(error: &CollectError) -> String {
    match error {
        CollectError::AddressNotAllowed => {
            "only addresses of the public internet may be fetched".to_owned()
        }
        CollectError::TooLarge { limit } => format!("the page is larger than {limit} bytes"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_can_be_followed() {
        let base = Url::parse("https://example.com/a/b?c=1").unwrap();
        assert_eq!(
            absolute(
                "[一](../d) [二](//x.y/z \"t\") [三](#e) ![](q?你=1) 完",
                &base
            ),
            "[一](https://example.com/d) [二](https://x.y/z \"t\") [三](#e) ![](https://example.com/a/q?%E4%BD%A0=1) 完"
        );
        assert_eq!(absolute("没有链接", &base), "没有链接");
        assert_eq!(absolute("断了](", &base), "断了](");
    }

    #[test]
    fn a_page_is_known_by_what_it_says() {
        assert_eq!(
            named(b"\n<!DOCTYPE HTML>", Some("a.pdf".to_owned())),
            "page.html"
        );
        assert_eq!(named(b"{}", Some("data.json".to_owned())), "data.json");
        assert_eq!(named("你好".as_bytes(), Some("raw".to_owned())), "page.txt");
        assert_eq!(named(b"x", None), "page.txt");
    }
}
