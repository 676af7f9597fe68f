//! `read_attachment`: the parts of a document that the prompt had no room for.

use std::path::PathBuf;
use std::sync::Arc;

use chela_engine::ports::Material;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use serde_json::json;

use super::pages;
use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool, cut};

/// Characters of one answer.
const MOST: usize = 16_000;

/// Reads whole documents.
pub trait FileText: Send + Sync + 'static {
    /// The text of a file, as long as it is; or why there is none, for the model.
    fn read(
        &self,
        path: PathBuf,
        name: Option<String>,
    ) -> BoxFuture<'static, Result<String, String>>;
}

/// Reads the files of a conversation.
pub struct ReadAttachment {
    definition: Definition,
    texts: Arc<dyn FileText>,
}

impl ReadAttachment {
    /// Reads with somebody's help.
    pub fn new(texts: Arc<dyn FileText>) -> Self {
        let definition = Definition {
            name: "read_attachment".to_owned(),
            description: "Reads more of a file of this conversation than the message shows: pages, a range of \
                          characters, or the places where a text stands. Without a file: lists the files."
                .to_owned(),
            schema: json!({
                "type": "object",
                "properties": {
                    "file": { "type": "string", "description": "name or part of it" },
                    "pages": { "type": "string", "description": "such as 3 or 12-15" },
                    "from": { "type": "integer", "minimum": 0, "description": "first character" },
                    "find": { "type": "string", "description": "text to look for" },
                },
            }),
            effect: Effect::Read,
            carries: None,
        };
        Self { definition, texts }
    }
}

impl Tool for ReadAttachment {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        let files = &call.situation.files;
        let wanted = call.text("file").trim().to_lowercase();
        let found = files.iter().find(|file| {
            let name = file.name.as_deref().unwrap_or_default().to_lowercase();
            !wanted.is_empty() && name.contains(&wanted)
        });
        let only = files.first().filter(|_| files.len() == 1);
        let is_list = wanted.is_empty() && call.arguments.is_empty();
        let file = match found.or(only.filter(|_| wanted.is_empty() && !is_list)) {
            Some(file) => file.clone(),
            None => return future::ready(list(files, &wanted)).boxed(),
        };
        let texts = Arc::clone(&self.texts);
        async move { read(texts.as_ref(), file, &call).await }.boxed()
    }
}

async fn read(texts: &dyn FileText, file: Material, call: &Call) -> Output {
    let Some(path) = file.path else {
        return Output::failed(
            "the file could not be fetched when it came; ask the person to send it again",
        );
    };
    let text = match texts.read(path, file.name).await {
        Ok(text) => text,
        Err(reason) => return Output::failed(reason),
    };
    let shown = match (call.text("pages").trim(), call.text("find").trim()) {
        ("", "") => Ok(pages::range(
            &text,
            call.count("from").unwrap_or_default(),
            MOST,
        )),
        ("", wanted) => Ok(pages::find(&text, wanted)),
        (wanted, _) => pages::pages(&text, wanted),
    };
    match shown {
        Ok(shown) => Output::new(cut(&shown, MOST + 200), Provenance::File),
        Err(reason) => Output::failed(reason),
    }
}

fn list(files: &[Material], wanted: &str) -> Output {
    if files.is_empty() {
        return Output::failed(
            "no files of this conversation are known; ask the person to send the file again",
        );
    }
    let names: Vec<_> = files
        .iter()
        .map(|file| file.name.as_deref().unwrap_or(file.kind.name()))
        .collect();
    let names = names.join("\n");
    if wanted.is_empty() {
        return Output::new(
            format!("Files, the newest first:\n{names}"),
            Provenance::File,
        );
    }
    Output {
        provenance: Provenance::File,
        ..Output::failed(format!("no file is called so. Files:\n{names}"))
    }
}
