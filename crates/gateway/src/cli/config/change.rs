//! `config set | unset | patch`: what would break the configuration is not written.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::parse_path;
use crate::catalogue::{Code, Failure, Report, cli};
use crate::cli::arguments::{
    ConfigPatchArguments, ConfigSetArguments, ConfigUnsetArguments, Writing,
};
use crate::cli::entry::Context;
use crate::config::edit::{self, EditError};
use crate::config::{KeyPath, Severity, holds_mask, keep_last_good, rehearse, write};

pub(super) fn set(context: &Context, arguments: &ConfigSetArguments) -> Result<(), Failure> {
    let pairs: Vec<&[String]> = arguments.settings.chunks(2).collect();
    let mut file = File::open(context)?;
    let before = file.text.clone();
    let mut keys = Vec::new();
    for pair in pairs {
        let [path, value] = pair else {
            let path = pair.first().map(String::as_str).unwrap_or_default();
            return Err(Failure::new(Code::Usage).message(cli::config::no_value(path)));
        };
        let key = parse_path(path)?;
        let value = if value == "-" {
            read_secretly()?
        } else {
            value.clone()
        };
        file.text = file.put(context, &before, &key, &value)?;
        keys.push(key);
    }
    file.write(context, &before, &keys, arguments.writing)
}

pub(super) fn unset(context: &Context, arguments: &ConfigUnsetArguments) -> Result<(), Failure> {
    let mut file = File::open(context)?;
    let before = file.text.clone();
    let mut keys = Vec::new();
    for path in &arguments.paths {
        let key = parse_path(path)?;
        file.text = edit::unset(&file.text, &key).map_err(|error| refused(&key, error))?;
        keys.push(key);
    }
    file.write(context, &before, &keys, arguments.writing)
}

pub(super) fn patch(context: &Context, arguments: &ConfigPatchArguments) -> Result<(), Failure> {
    let text = match &arguments.file {
        Some(path) if path != Path::new("-") => std::fs::read_to_string(path).map_err(|error| {
            Failure::new(Code::ConfigNotFound)
                .at_file(path.clone())
                .caused_by(&error)
        })?,
        Some(_) => read_all()?,
        None if arguments.stdin => read_all()?,
        None => return Err(Failure::new(Code::Usage).message(cli::config::no_patch())),
    };
    let over = edit::value(&text).filter(Value::is_object);
    let over = over.ok_or_else(|| Failure::new(Code::Usage).message(cli::config::no_object()))?;
    refuse_masks(&over)?;
    let mut file = File::open(context)?;
    let before = file.text.clone();
    file.text =
        edit::patch(&file.text, &over).map_err(|error| refused(&KeyPath::default(), error))?;
    let entries = over.as_object().into_iter().flatten();
    let keys: Vec<KeyPath> = entries
        .map(|(name, _)| KeyPath::default().key(name))
        .collect();
    file.write(context, &before, &keys, arguments.writing)
}

/// Changes settings for other commands: a value is put in its place, `None` takes the setting out.
pub(in crate::cli) fn apply(
    context: &Context,
    changes: &[(KeyPath, Option<Value>)],
    writing: Writing,
) -> Result<(), Failure> {
    let mut file = File::open(context)?;
    let before = file.text.clone();
    let mut keys = Vec::new();
    for (key, value) in changes {
        let changed = match value {
            Some(value) => {
                refuse_masks(value)?;
                edit::set(&file.text, key, value)
            }
            None => edit::unset(&file.text, key),
        };
        file.text = changed.map_err(|error| refused(key, error))?;
        keys.push(key.clone());
    }
    file.write(context, &before, &keys, writing)
}

/// The file that is changed.
pub(in crate::cli) struct File {
    path: PathBuf,
    /// What it said when it was read; `None` when there was none.
    known: Option<Vec<u8>>,
    text: String,
}

impl File {
    fn open(context: &Context) -> Result<Self, Failure> {
        Self::at(context, context.writable()?)
    }

    /// A file as it is; what is not there is empty.
    pub(in crate::cli) fn at(context: &Context, path: PathBuf) -> Result<Self, Failure> {
        let known = std::fs::read(&path).ok();
        let text = match &known {
            // Says what is wrong, and with which encoding.
            Some(bytes) => match String::from_utf8(bytes.clone()) {
                Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
                Err(_) => {
                    return Err(context
                        .load()
                        .err()
                        .unwrap_or_else(|| Failure::new(Code::ConfigNotText)));
                }
            },
            None => "{}\n".to_owned(),
        };
        let text = if text.trim().is_empty() {
            "{}\n".to_owned()
        } else {
            text
        };
        Ok(Self { path, known, text })
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is one.
    pub(in crate::cli) fn is_there(&self) -> bool {
        self.known.is_some()
    }

    pub(in crate::cli) fn text(&self) -> &str {
        &self.text
    }

    /// Puts another text in its place, unless that would break the configuration; tells whether it is another.
    pub(in crate::cli) fn save(
        &mut self,
        context: &Context,
        text: String,
    ) -> Result<bool, Failure> {
        let before = std::mem::replace(&mut self.text, text);
        self.require_no_new_faults(context, &before)?;
        let is_changed = self.text != before || self.known.is_none();
        if is_changed {
            self.store(context, &before)?;
        }
        Ok(is_changed)
    }

    /// Puts what was typed in its place: as JSON where that fits, else as text (an id of digits only, for instance).
    fn put(
        &self,
        context: &Context,
        before: &str,
        key: &KeyPath,
        typed: &str,
    ) -> Result<String, Failure> {
        let text = Value::from(typed);
        let value = edit::value(typed).unwrap_or_else(|| text.clone());
        refuse_masks(&value)?;
        let put =
            |value: &Value| edit::set(&self.text, key, value).map_err(|error| refused(key, error));
        let first = put(&value)?;
        if value != text && !self.new_faults(context, before, &first).is_empty() {
            let second = put(&text)?;
            if self.new_faults(context, before, &second).is_empty() {
                return Ok(second);
            }
        }
        Ok(first)
    }

    fn faults(&self, context: &Context, text: &str) -> BTreeSet<String> {
        let failure = rehearse(&self.path, text, &context.environment).err();
        let reports = failure.iter().flat_map(Failure::reports);
        let errors = reports.filter(|report| report.is_error());
        errors.map(|report| report.identity()).collect()
    }

    /// What is wrong only since the change: whoever mends one of two faults is not stopped by the other.
    fn new_faults(&self, context: &Context, before: &str, after: &str) -> BTreeSet<String> {
        let known = self.faults(context, before);
        let found = self.faults(context, after);
        found.difference(&known).cloned().collect()
    }

    fn write(
        &self,
        context: &Context,
        before: &str,
        keys: &[KeyPath],
        writing: Writing,
    ) -> Result<(), Failure> {
        self.require_no_new_faults(context, before)?;
        let is_changed = self.text != before || self.known.is_none();
        if is_changed && !writing.dry_run {
            self.store(context, before)?;
        }
        self.remark(context, before);
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        if writing.json.json {
            return context.output.json(&json!({
                "ok": true,
                "path": self.path,
                "changed": is_changed,
                "dryRun": writing.dry_run,
                "settings": keys,
            }));
        }
        let path = self.path.display().to_string();
        let words = match (is_changed, writing.dry_run) {
            (false, _) => cli::config::unchanged(&path),
            (true, true) => cli::config::would_change(&path, &keys.join(", ")),
            (true, false) => cli::config::changed(&path, &keys.join(", ")),
        };
        context.output.line(words.get(context.language))
    }

    fn require_no_new_faults(&self, context: &Context, before: &str) -> Result<(), Failure> {
        if self.new_faults(context, before, &self.text).is_empty() {
            return Ok(());
        }
        rehearse(&self.path, &self.text, &context.environment).map(drop)
    }

    /// Says what is doubtful only since the change, such as a bot that lacks its secret.
    fn remark(&self, context: &Context, before: &str) {
        let remarks = |text: &str| {
            let read = rehearse(&self.path, text, &context.environment);
            read.map(|loaded| loaded.remarks).unwrap_or_default()
        };
        let known: BTreeSet<String> = remarks(before).iter().map(Report::identity).collect();
        for remark in remarks(&self.text) {
            let is_new =
                remark.severity() == Severity::Warning && !known.contains(&remark.identity());
            if is_new {
                let text = remark.render(context.language);
                context.output.complain(&format!("{text}\n"));
            }
        }
    }

    fn store(&self, context: &Context, before: &str) -> Result<(), Failure> {
        let failed = |error: &std::io::Error| {
            Failure::new(Code::ConfigNotWritten)
                .at_file(self.path.clone())
                .caused_by(error)
        };
        if std::fs::read(&self.path).ok() != self.known {
            return Err(Failure::new(Code::ConfigNotWritten)
                .at_file(self.path.clone())
                .message(cli::config::changed_meanwhile()));
        }
        let was_good = rehearse(&self.path, before, &context.environment).is_ok();
        if self.known.is_some() && was_good {
            keep_last_good(&self.path).map_err(|error| failed(&error))?;
        }
        write(&self.path, &self.text).map_err(|error| failed(&error))
    }
}

fn refuse_masks(value: &Value) -> Result<(), Failure> {
    if holds_mask(value) {
        return Err(Failure::new(Code::ConfigRedacted));
    }
    Ok(())
}

fn refused(key: &KeyPath, error: EditError) -> Failure {
    let key = key.to_string();
    match error {
        EditError::Absent => Failure::new(Code::ConfigAbsent).message(cli::config::absent(&key)),
        EditError::NoWay => Failure::new(Code::ConfigPath).message(cli::config::no_way(&key)),
        EditError::Broken => Failure::new(Code::ConfigSyntax).hint(cli::config::mend_first()),
    }
}

fn read_all() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|error| Failure::new(Code::Usage).caused_by(&error))?;
    Ok(text)
}

/// A value that is in no shell history.
fn read_secretly() -> Result<String, Failure> {
    read_all().map(|text| text.trim().to_owned())
}
