//! Reads attachments for agents: each kind by who can read it, and a remark for what nobody could.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use chela_agents::openai::{Recording, Transcriber};
use chela_engine::attachment::AttachmentKind;
use chela_engine::media_type::MediaType;
use chela_engine::ports::{AgentError, AttachmentReader, FileToRead, MediaStore, Picture, Reading};
use chela_engine::text::truncate;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::ffmpeg::Ffmpeg;
use super::picture::{Pictures, Prepared, Unusable};
use super::store::keep_bytes;
use crate::catalogue::{Code, Language, Phrase, attachments as words};

/// Reads documents. Never fails: what it could not read it says.
pub trait DocumentReader: Send + Sync + 'static {
    /// Reads one. The name may be anything.
    fn read(&self, path: PathBuf, name: Option<String>) -> BoxFuture<'static, Document>;
}

/// What was read of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its content as text or markdown.
    pub text: Option<String>,
    /// What was not read and why.
    pub remarks: Vec<Phrase>,
}

/// Writes down what is spoken.
pub trait Transcribe: Send + Sync + 'static {
    /// Writes one recording down.
    fn transcribe(&self, recording: Recording) -> BoxFuture<'static, Result<String, AgentError>>;
}

impl Transcribe for Transcriber {
    fn transcribe(&self, recording: Recording) -> BoxFuture<'static, Result<String, AgentError>> {
        let transcriber = self.clone();
        async move { transcriber.transcribe(recording).await }.boxed()
    }
}

/// Reads everything that people send.
#[derive(Clone)]
pub struct Reader {
    /// Where pictures are kept that were made smaller.
    pub store: Arc<dyn MediaStore>,
    /// Who reads documents.
    pub documents: Arc<dyn DocumentReader>,
    /// Who writes speech down, if anybody does.
    pub transcriber: Option<Arc<dyn Transcribe>>,
    /// Who converts sound and films, if it is there.
    pub ffmpeg: Option<Ffmpeg>,
    /// Characters of one attachment that an agent is given.
    pub characters: usize,
    /// The language of remarks.
    pub language: Language,
    pictures: Pictures,
}

impl Reader {
    /// Reads documents and pictures; whatever else it needs is set afterwards.
    pub fn new(
        store: Arc<dyn MediaStore>,
        documents: Arc<dyn DocumentReader>,
        language: Language,
    ) -> Self {
        Self {
            store,
            documents,
            transcriber: None,
            ffmpeg: None,
            characters: 20_000,
            language,
            pictures: Pictures::new(),
        }
    }

    async fn read(self, file: FileToRead) -> Reading {
        if file.size == 0 {
            return self.remark(words::empty());
        }
        let is_spoken = file.media_type.is_sound() || file.kind == AttachmentKind::Voice;
        if file.media_type.is_picture() {
            self.picture(file.path, file.media_type, file.size).await
        } else if file.media_type.is_film() {
            self.film(&file).await
        } else if file.kind == AttachmentKind::Picture {
            // Whatever came in its place is not what the person wanted to show.
            self.remark(words::picture_damaged())
        } else if is_spoken {
            self.speech(&file).await
        } else {
            self.document(file).await
        }
    }

    async fn document(&self, file: FileToRead) -> Reading {
        let document = self.documents.read(file.path, file.name).await;
        let mut remarks = document.remarks;
        let text = document.text.map(|text| {
            let head = truncate(&text, self.characters);
            if head.len() == text.len() {
                return text;
            }
            remarks.push(words::cut(self.characters));
            head.to_owned()
        });
        Reading {
            text: text.filter(|text| !text.trim().is_empty()),
            pictures: Vec::new(),
            remarks: remarks.iter().map(|words| self.say(words)).collect(),
        }
    }

    async fn picture(&self, path: PathBuf, media_type: MediaType, size: u64) -> Reading {
        let prepared = self.pictures.prepare(path.clone(), size).await;
        let picture = match prepared {
            Ok(Prepared::AsItIs) => Some(Picture { path, media_type }),
            Ok(Prepared::Instead(bytes)) => self.kept(bytes).await,
            Err(Unusable::Damaged) => return self.remark(words::picture_damaged()),
            Err(Unusable::TooLarge) => return self.remark(words::picture_too_large()),
        };
        match picture {
            Some(picture) => Reading {
                pictures: vec![picture],
                ..Reading::default()
            },
            None => self.remark(words::picture_not_kept()),
        }
    }

    async fn film(&self, file: &FileToRead) -> Reading {
        let Some(ffmpeg) = &self.ffmpeg else {
            return self.remark(words::film_needs_ffmpeg());
        };
        let frame = ffmpeg.first_frame(&file.path, &file.media_type).await;
        let picture = match frame {
            Some(frame) => self.kept(frame).await,
            None => None,
        };
        match picture {
            Some(picture) => Reading {
                pictures: vec![picture],
                ..self.remark(words::film_first_frame())
            },
            None => self.remark(words::film_unreadable()),
        }
    }

    async fn speech(&self, file: &FileToRead) -> Reading {
        if file.transcribed {
            return Reading::default();
        }
        let Some(transcriber) = &self.transcriber else {
            return self.remark(words::speech_needs_model());
        };
        let recording = match self.recording(file).await {
            Ok(recording) => recording,
            Err(words) => return self.remark(words),
        };
        match transcriber.transcribe(recording).await {
            Ok(text) if text.trim().is_empty() => self.remark(words::speech_empty()),
            Ok(text) => Reading {
                text: Some(text),
                ..Reading::default()
            },
            Err(error) => {
                let code = Code::of_agent(error.kind);
                tracing::warn!(%code, detail = error.detail, "speech was not written down");
                self.remark(words::speech_failed(code))
            }
        }
    }

    /// A recording in a form that services take; AMR, which DingTalk records, is not one.
    async fn recording(&self, file: &FileToRead) -> Result<Recording, Phrase> {
        let ending = match file.media_type.as_str() {
            "audio/ogg" => "ogg",
            "audio/wav" => "wav",
            "audio/mpeg" => "mp3",
            "audio/flac" => "flac",
            "audio/mp4" => "m4a",
            _ => {
                let ffmpeg = self
                    .ffmpeg
                    .as_ref()
                    .ok_or_else(words::speech_needs_ffmpeg)?;
                let wav = ffmpeg.wav(&file.path, &file.media_type).await;
                let bytes = wav.ok_or_else(words::speech_unreadable)?;
                return Ok(Recording::new(Bytes::from(bytes), "wav", "audio/wav"));
            }
        };
        let bytes = read(&file.path)
            .await
            .ok_or_else(words::speech_unreadable)?;
        let media_type = file.media_type.as_str();
        Ok(Recording::new(bytes, ending, media_type))
    }

    async fn kept(&self, bytes: Vec<u8>) -> Option<Picture> {
        let kept = keep_bytes(self.store.as_ref(), bytes).await;
        let kept = kept.inspect_err(|error| tracing::error!(%error, "a picture was not kept"));
        let file = kept.ok()?;
        Some(Picture {
            path: self.store.path(&file),
            media_type: file.media_type,
        })
    }

    fn remark(&self, words: Phrase) -> Reading {
        Reading {
            remarks: vec![self.say(&words)],
            ..Reading::default()
        }
    }

    fn say(&self, words: &Phrase) -> String {
        words.get(self.language).to_owned()
    }
}

impl AttachmentReader for Reader {
    fn read(&self, file: FileToRead) -> BoxFuture<'static, Reading> {
        self.clone().read(file).boxed()
    }
}

async fn read(path: &Path) -> Option<Bytes> {
    tokio::fs::read(path).await.ok().map(Bytes::from)
}
