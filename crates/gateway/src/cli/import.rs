//! `import`: makes our configuration from that of OpenClaw with a DingTalk plugin.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::arguments::ImportArguments;
use super::entry::Context;
use crate::catalogue::import as words;
use crate::catalogue::{Code, Exit, Failure};
use crate::config::{plain, rehearse, variable};
use crate::import::{Imported, import};

pub(super) fn run(context: &Context, arguments: &ImportArguments) -> Result<Exit, Failure> {
    let home = context.environment.path(variable::HOME);
    let below = |name: &str| home.as_ref().map(|home| home.join(name));
    let no_home = || Failure::new(Code::NoHome);
    let source = arguments
        .file
        .clone()
        .or_else(|| below(".openclaw/openclaw.json"));
    let source = source.ok_or_else(no_home)?;
    let target = arguments
        .output
        .clone()
        .or_else(|| below(".chela/chela.json"));
    let target = target.ok_or_else(no_home)?;
    let imported = import(plain(&source)?);
    let Some(section) = imported.section else {
        return Err(Failure::new(Code::NoAccount).message(words::nothing(&source)));
    };
    let text = format!("{:#}\n", imported.config);
    // What we would not start with is not written.
    let loaded = rehearse(&target, &text, &context.environment)?;
    write(&target, &text, arguments.force)?;
    if arguments.json.json {
        context
            .output
            .json(&report(context, &imported, section, &target))?;
    } else {
        let language = context.language;
        context
            .output
            .line(words::read(&source, section).get(language))?;
        for note in &imported.notes {
            let told = note.fate.words();
            context
                .output
                .line(&format!("  {}：{}", note.key, told.get(language)))?;
        }
        context.output.line(words::written(&target).get(language))?;
        context.remark(&loaded);
    }
    Ok(Exit::Success)
}

fn report(context: &Context, imported: &Imported, section: &str, target: &Path) -> Value {
    let notes = imported.notes.iter().map(|note| {
        json!({ "key": note.key, "fate": note.fate.name(), "message": note.fate.words().get(context.language) })
    });
    json!({
        "schemaVersion": 1, "ok": true, "section": format!("channels.{section}"), "path": target.display().to_string(),
        "notes": notes.collect::<Vec<Value>>(),
    })
}

/// Writes a file that only its owner can read; an existing one is kept unless `force`.
fn write(target: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if target.exists() && !force {
        let failure = Failure::new(Code::ConfigNotOverwritten).message(words::exists(target));
        return Err(failure.hint(words::OVERWRITE.into()));
    }
    let failed = |error: &std::io::Error| {
        Failure::new(Code::StateUnusable)
            .message(crate::catalogue::state::unusable(target))
            .hint(crate::catalogue::state::unusable_hint(target))
            .caused_by(error)
    };
    let parent: PathBuf = target.parent().map(Path::to_path_buf).unwrap_or_default();
    std::fs::create_dir_all(&parent).map_err(|error| failed(&error))?;
    // Files of this kind are readable by their owner only, and appear as a whole.
    let mut file = tempfile::NamedTempFile::new_in(&parent).map_err(|error| failed(&error))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.as_file().sync_all());
    written.map_err(|error| failed(&error))?;
    file.persist(target).map_err(|error| failed(&error.error))?;
    Ok(())
}
