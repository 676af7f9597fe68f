//! Attachments: where they lie, who reads them, which files may go out.

use std::sync::Arc;

use chela_agents::openai::Transcriber;
use chela_engine::ports::{AttachmentReader, FileCollector};
use chela_store::{DiskMedia, Retention};

use super::models::{model_client, service};
use crate::catalogue::{Code, Failure, Language, state as words};
use crate::config::{Account, Config, Transcription};
use crate::media::{Collector, Documents, FFMPEG, Ffmpeg, Guard, Places, Reader, Transcribe};
use crate::outward::Outward;
use crate::state::StateDirectory;

/// The parts of a gateway that deal with attachments.
pub(crate) struct Media {
    pub(crate) store: DiskMedia,
    pub(crate) reader: Arc<dyn AttachmentReader>,
    pub(crate) collector: Arc<dyn FileCollector>,
    pub(crate) retention: Retention,
}

pub(crate) async fn media(
    config: &Config,
    state: &StateDirectory,
    language: Language,
    outward: &Outward,
) -> Result<Media, Failure> {
    let folder = state.media();
    let store = DiskMedia::open(folder.clone()).map_err(|error| {
        Failure::new(Code::StateUnusable)
            .message(words::unusable(&folder))
            .hint(words::unusable_hint(&folder))
            .caused_by(&error)
    })?;
    let ffmpeg = Ffmpeg::find(FFMPEG).await;
    let documents = Documents::new(config.media.text_characters);
    let mut reader = Reader::new(Arc::new(store.clone()), Arc::new(documents), language);
    reader.ffmpeg.clone_from(&ffmpeg);
    reader.characters = config.media.text_characters;
    if let Some(transcription) = &config.media.transcription {
        reader.transcriber = transcriber(config, outward, transcription).await?;
    }
    let mut roots = config.media.roots.clone();
    roots.push(folder);
    let places = Places {
        roots,
        never: vec![state.root().to_path_buf()],
        home: config.media.home.clone(),
    };
    let guard = Guard::for_answers(config.media.addresses.clone()).through(outward.clone());
    let collector = Collector::new(Arc::new(store.clone()), places, guard, ffmpeg);
    Ok(Media {
        store,
        reader: Arc::new(reader),
        collector: Arc::new(collector),
        retention: Retention {
            age: config.media.retention,
            bytes: config.media.total,
            ..Retention::default()
        },
    })
}

/// From where what comes to a bot may be fetched.
pub(crate) fn downloads(config: &Config, account: &Account, outward: Outward) -> Guard {
    let endpoints = [&account.endpoint, &account.oapi_endpoint];
    Guard::for_platform(config.media.addresses.clone(), endpoints).through(outward)
}

async fn transcriber(
    config: &Config,
    outward: &Outward,
    transcription: &Transcription,
) -> Result<Option<Arc<dyn Transcribe>>, Failure> {
    let Some(mut settings) = service(config, outward, &transcription.model).await? else {
        return Ok(None);
    };
    settings.silence_timeout = transcription.timeout;
    let client = model_client(outward, settings.connect_timeout)?;
    let language = transcription.language.clone();
    let transcriber = Transcriber::with_client(settings, language, client)
        .map_err(|error| Failure::new(Code::AgentNotConfigured).caused_by(&error))?;
    Ok(Some(Arc::new(transcriber)))
}
