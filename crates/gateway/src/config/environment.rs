//! Environment variables: read once, here, and nowhere else.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::catalogue::Language;

/// The variables that mean something to the program. Others are used only where the configuration names them.
pub mod variable {
    /// The configuration file; `--config` wins.
    pub const CONFIG: &str = "CHELA_CONFIG";
    /// The state directory. Default: `~/.chela`.
    pub const STATE: &str = "CHELA_HOME";
    /// The language, `zh` or `en`; `--lang` wins.
    pub const LANGUAGE: &str = "CHELA_LANG";
    /// The locale, strongest first: the language where [`LANGUAGE`] is not set.
    pub const LOCALES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];
    /// The user's directory, below which files are looked for.
    pub const HOME: &str = "HOME";
    /// Client id of the bot, where the configuration has none.
    pub const DINGTALK_CLIENT_ID: &str = "DINGTALK_CLIENT_ID";
    /// Client secret of the bot, where the configuration has none.
    pub const DINGTALK_CLIENT_SECRET: &str = "DINGTALK_CLIENT_SECRET";
    /// Key of an OpenAI-compatible model, where the configuration has no provider `openai`.
    pub const OPENAI_API_KEY: &str = "OPENAI_API_KEY";
    /// Base address that belongs to [`OPENAI_API_KEY`].
    pub const OPENAI_BASE_URL: &str = "OPENAI_BASE_URL";
    /// Name of the model that belongs to [`OPENAI_API_KEY`].
    pub const OPENAI_MODEL: &str = "OPENAI_MODEL";
    /// What a program that we start needs besides the proxies to find its way.
    pub const PASSED_ON: [&str; 7] = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "SHELL"];
    /// Where a local Ollama listens, as Ollama itself reads it.
    pub const OLLAMA_HOST: &str = "OLLAMA_HOST";
    /// Where apps are made by QR code, under the name of the OpenClaw plugin; `--oapi-endpoint` wins.
    pub const REGISTRATION_BASE_URL: &str = "DINGTALK_REGISTRATION_BASE_URL";
    /// Who asks for an app by QR code; `--registration-source` wins.
    pub const REGISTRATION_SOURCE: &str = "DINGTALK_REGISTRATION_SOURCE";
    /// The kind of terminal; `dumb` shows no colours.
    pub const TERMINAL: &str = "TERM";
    /// Proxies for `https` and `wss`, strongest first.
    pub const SECURE_PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    /// Proxies for `http` and `ws`, strongest first.
    pub const PLAIN_PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    /// What is reached without a proxy.
    pub const NO_PROXIES: [&str; 2] = ["NO_PROXY", "no_proxy"];
    /// Files with certificates to be trusted; the second is that of Node.js, which users of OpenClaw have set.
    pub const AUTHORITIES: [&str; 2] = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
    /// Switches colours off when it is set to anything.
    pub const NO_COLOR: &str = "NO_COLOR";
    /// A desktop session is there when one of these is set, and the demo opens a browser.
    pub const DESKTOPS: [&str; 2] = ["DISPLAY", "WAYLAND_DISPLAY"];
}

/// The variables of a process at one moment. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, OsString>,
}

impl Environment {
    /// The variables of this process. Names that are no text are left out.
    pub fn of_process() -> Self {
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self {
            values: std::env::vars_os().filter_map(named).collect(),
        }
    }

    /// Variables for a test.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), OsString::from(value));
        Self {
            values: pairs.into_iter().map(owned).collect(),
        }
    }

    /// The same with what files of variables add. The process wins, then the files in their order.
    #[must_use]
    pub(super) fn with<'a>(&self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut all = self.clone();
        for (name, value) in variables {
            let entry = all.values.entry(name.to_owned());
            entry.or_insert_with(|| OsString::from(value));
        }
        all
    }

    /// The value of a variable, if it is set to a text that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name)?.to_str()?;
        (!value.is_empty()).then_some(value)
    }

    /// The value of a variable as a path, if it is set and not empty.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.values.get(name)?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// The language, unless the command line names one.
    pub fn language(&self) -> Language {
        let locales = variable::LOCALES.iter().filter_map(|name| self.get(name));
        Language::of_environment(self.get(variable::LANGUAGE), locales)
    }

    /// A path in the configuration: `~/` is the user's directory, as in OpenClaw's files.
    pub fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix("~/"), self.path(variable::HOME)) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.values.keys()).finish()
    }
}
