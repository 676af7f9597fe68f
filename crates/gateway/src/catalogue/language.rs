//! Which of the two languages somebody reads.

/// A language of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese, unless somebody asks for another.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Reads `zh` or `en`, also in the form of a locale (`en_GB.UTF-8`). Everything else is `None`.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim().to_ascii_lowercase();
        let tag = value.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match tag {
            "zh" | "cn" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The language of an environment: `CHELA_LANG`, else the first locale variable that is set (`LC_ALL`,
    /// `LC_MESSAGES`, `LANG`) when it is English, else Chinese. `C` and `POSIX` say nothing about a reader.
    pub fn of_environment<'a>(
        chosen: Option<&str>,
        locales: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        if let Some(language) = chosen.and_then(Self::parse) {
            return language;
        }
        let locale = locales.into_iter().find(|locale| !locale.is_empty());
        locale.and_then(Self::parse).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides_and_english_must_be_asked_for() {
        let decide = |chosen: Option<&str>, locales: &[&str]| {
            Language::of_environment(chosen, locales.iter().copied())
        };
        assert_eq!(decide(None, &[]), Language::Chinese);
        assert_eq!(decide(None, &["C", "en_US.UTF-8"]), Language::Chinese);
        assert_eq!(decide(None, &["", "en_US.UTF-8"]), Language::English);
        assert_eq!(decide(None, &["de_DE.UTF-8"]), Language::Chinese);
        assert_eq!(decide(Some("zh"), &["en_US.UTF-8"]), Language::Chinese);
        assert_eq!(decide(Some("EN"), &["zh_CN.UTF-8"]), Language::English);
        assert_eq!(decide(Some("klingon"), &["en_GB"]), Language::English);
    }
}
