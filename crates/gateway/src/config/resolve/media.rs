//! Attachments: what is kept, who writes speech down, from where files may be sent.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::accounts::{AccountMedia, CHANNEL};
use super::{Context, set};
use crate::config::document::{
    self, AgentEntry, Agents, Inbound, MediaCapability, MediaModel, MediaModelKind, ToolsMedia,
};
use crate::config::media::{Media, Transcription};
use crate::config::nearest::nearest;
use crate::config::problem::{KeyPath, ProblemKind, Reference};
use crate::config::settings::{ModelReference, Provider, defaults};
use crate::config::variable;

const MEGABYTE: u64 = 1024 * 1024;

/// What is known before the rest is resolved.
pub(super) struct Given {
    pub(super) tools: document::Tools,
    pub(super) media: document::Media,
    pub(super) inbound: Inbound,
    /// The folders in which agents work.
    pub(super) workspaces: Vec<PathBuf>,
}

pub(super) fn resolve(
    context: &mut Context<'_>,
    given: Given,
    accounts: AccountMedia,
    providers: &BTreeMap<String, Provider>,
) -> Media {
    let environment = context.variables.environment;
    let mut roots = accounts.roots;
    roots.extend(given.workspaces);
    let days = given
        .media
        .retention_days
        .unwrap_or(defaults::RETENTION_DAYS);
    let total = given.media.max_total_mb.unwrap_or(defaults::MEDIA_MB);
    let characters = given.media.text_chars.unwrap_or(defaults::TEXT_CHARACTERS);
    Media {
        largest: u64::from(accounts.largest_mb.unwrap_or(defaults::ATTACHMENT_MB)) * MEGABYTE,
        addresses: accounts.addresses,
        roots,
        home: environment.path(variable::HOME),
        retention: Duration::from_secs(u64::from(days) * 24 * 60 * 60),
        total: u64::from(total) * MEGABYTE,
        text_characters: characters as usize,
        gather_text: gather_text(&given.inbound),
        transcription: given
            .tools
            .media
            .and_then(|media| transcription(context, media, providers)),
    }
}

/// The folders that the agents call their workspace.
pub(super) fn workspaces(context: &Context<'_>, agents: &Agents) -> Vec<PathBuf> {
    let defaults = agents.defaults.iter().map(|defaults| &defaults.workspace);
    let list = agents.list.iter().flatten();
    let entries = agents.entries.iter().flat_map(|entries| entries.iter());
    let own = list.chain(entries.map(|(_, entry)| entry));
    let own = own.map(|entry: &AgentEntry| &entry.workspace);
    defaults
        .chain(own)
        .filter_map(|path| set(path.clone()))
        .map(|path| context.variables.environment.expand(&path))
        .collect()
}

fn gather_text(inbound: &Inbound) -> Option<Duration> {
    let by_channel = inbound.by_channel.as_ref();
    let own = by_channel.and_then(|channels| channels.get(CHANNEL).copied());
    own.or(inbound.debounce_ms)
        .map(|ms| Duration::from_millis(ms.into()))
}

fn transcription(
    context: &mut Context<'_>,
    media: ToolsMedia,
    providers: &BTreeMap<String, Provider>,
) -> Option<Transcription> {
    let section = KeyPath::from("tools.media");
    let audio = media.audio.unwrap_or_default();
    if audio.enabled == Some(false) {
        return None;
    }
    let key = section.key("audio").key("models");
    let own = audio.models.unwrap_or_default().into_iter().enumerate();
    let own = own.map(|(index, model)| (key.index(index), model));
    let key = section.key("models");
    let shared = media.models.unwrap_or_default().into_iter().enumerate();
    let shared = shared
        .filter(|(_, model)| {
            let capabilities = model.capabilities.as_deref().unwrap_or_default();
            capabilities.contains(&MediaCapability::Audio)
        })
        .map(|(index, model)| (key.index(index), model));
    let models: Vec<_> = own
        .chain(shared)
        .filter_map(|(key, model)| usable(context, key, model, providers))
        .collect();
    let preferred = set(audio.preferred_model);
    let chosen = models.iter().find(|(reference, _)| {
        let name = format!("{}/{}", reference.provider, reference.model);
        preferred.as_deref() == Some(name.as_str())
    });
    let (model, given) = chosen.or(models.first())?;
    let seconds = given.timeout_seconds.or(audio.timeout_seconds);
    Some(Transcription {
        model: model.clone(),
        language: set(given.language.clone()).or(set(audio.language)),
        timeout: seconds.map_or(defaults::TRANSCRIPTION, |seconds| {
            Duration::from_secs(seconds.into())
        }),
    })
}

fn usable(
    context: &mut Context<'_>,
    key: KeyPath,
    model: MediaModel,
    providers: &BTreeMap<String, Provider>,
) -> Option<(ModelReference, MediaModel)> {
    if model.kind == Some(MediaModelKind::Cli) {
        let (value, instead) = ("cli", "enabled: false");
        context.report(ProblemKind::TreatedAs { value, instead }, key.key("type"));
        return None;
    }
    let Some(provider) = set(model.provider.clone()) else {
        context.report(
            ProblemKind::MissingKey {
                missing: "provider",
            },
            key,
        );
        return None;
    };
    let Some(name) = set(model.model.clone()) else {
        context.report(ProblemKind::MissingKey { missing: "model" }, key);
        return None;
    };
    // OpenClaw knows OpenAI without a definition, and so do we where there is a key: without one it is merely not used.
    if provider == defaults::PROVIDER && !providers.contains_key(&provider) {
        return None;
    }
    if !providers.contains_key(&provider) {
        let kind = ProblemKind::UnknownName {
            what: Reference::Provider,
            nearest: nearest(&provider, providers.keys().map(String::as_str)).map(str::to_owned),
            name: provider,
        };
        context.report(kind, key.key("provider"));
        return None;
    }
    let reference = ModelReference {
        provider,
        model: name,
    };
    Some((reference, model))
}
