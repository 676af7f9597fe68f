//! A question with fields, and what may be written into them. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::truncate;

/// What was filled in, by the names of the fields; fields with a choice may have several values.
pub type Values = BTreeMap<String, Vec<String>>;

/// Characters of one value.
const LONGEST: usize = 2_000;
/// Values of one field.
const MOST: usize = 50;

/// A question with fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What it is about, in a line.
    pub title: String,
    /// What should be known before it is filled in; may be empty.
    pub description: String,
    /// What is asked, in order; at least one.
    pub fields: Vec<Field>,
}

/// One thing that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What the agent knows it by.
    pub name: String,
    /// What the person reads.
    pub label: String,
    /// What can be written into it.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// What can be chosen, each with what the person reads; only where there is a choice.
    pub options: Vec<(String, String)>,
}

/// What can be written into a field: the kinds of the form that other robots use (seed-plugins §3.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FieldKind {
    /// A line.
    #[default]
    Text,
    /// Several lines, each a value.
    TextArray,
    /// A longer text.
    TextArea,
    /// A number.
    Number,
    /// One of the options.
    Select,
    /// Some of the options.
    MultiSelect,
    /// A day, `2026-11-25`.
    Date,
    /// A time of day, `09:30`.
    Time,
    /// Both, `2026-11-25 09:30`.
    Datetime,
    /// Yes or no.
    Checkbox,
    /// Yes or no.
    Switch,
    /// One of the options.
    CheckboxGroup,
    /// Some of the options.
    MultiCheckboxGroup,
}

impl FieldKind {
    /// All of them, with the words by which forms name them.
    pub const ALL: [(&'static str, Self); 13] = [
        ("TEXT", Self::Text),
        ("TEXT_ARRAY", Self::TextArray),
        ("TEXT_AREA", Self::TextArea),
        ("NUMBER", Self::Number),
        ("SELECT", Self::Select),
        ("MULTI_SELECT", Self::MultiSelect),
        ("DATE", Self::Date),
        ("TIME", Self::Time),
        ("DATETIME", Self::Datetime),
        ("CHECKBOX", Self::Checkbox),
        ("SWITCH", Self::Switch),
        ("CHECKBOX_GROUP", Self::CheckboxGroup),
        ("MULTI_CHECKBOX_GROUP", Self::MultiCheckboxGroup),
    ];

    /// The word by which forms name it.
    pub fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, kind)| *kind == self);
        known.map_or("TEXT", |(word, _)| word)
    }

    /// The kind of a word, whatever its case.
    pub fn parse(word: &str) -> Option<Self> {
        let known = Self::ALL.iter();
        let mut known = known.filter(|(known, _)| known.eq_ignore_ascii_case(word));
        known.next().map(|(_, kind)| *kind)
    }

    /// Whether the values are among the options.
    pub fn is_choice(self) -> bool {
        matches!(
            self,
            Self::Select | Self::MultiSelect | Self::CheckboxGroup | Self::MultiCheckboxGroup
        )
    }

    /// Whether there may be several values.
    pub fn is_several(self) -> bool {
        matches!(
            self,
            Self::TextArray | Self::MultiSelect | Self::MultiCheckboxGroup
        )
    }
}

impl Form {
    /// What was filled in, as far as the form asks for it; the name of the first field that is not as it must be
    /// otherwise.
    pub fn check(&self, mut given: Values) -> Result<Values, String> {
        let mut values = Values::new();
        for field in &self.fields {
            let given = given.remove(&field.name).unwrap_or_default();
            let checked = field.check(&given).ok_or_else(|| field.name.clone())?;
            values.insert(field.name.clone(), checked);
        }
        Ok(values)
    }

    /// What a person has typed: the value of the only field, or a line `name: value` for each.
    pub fn typed(&self, text: &str) -> Values {
        if let [field] = self.fields.as_slice() {
            return [(field.name.clone(), field.split(text))].into();
        }
        let lines = text.lines().filter_map(|line| {
            let (name, value) = line.split_once([':', '：', '='])?;
            let name = name.trim();
            let mut fields = self.fields.iter();
            let field = fields.find(|field| field.name == name || field.label == name)?;
            Some((field.name.clone(), field.split(value)))
        });
        lines.collect()
    }
}

impl Field {
    fn split(&self, text: &str) -> Vec<String> {
        let text = text.trim();
        if self.kind.is_several() {
            let parts = text.split(['\n', ',', '，', '、', ';', '；']);
            return parts.map(|part| part.trim().to_owned()).collect();
        }
        vec![text.to_owned()]
    }

    /// The values as the field takes them; `None` when it does not.
    fn check(&self, given: &[String]) -> Option<Vec<String>> {
        let given = given.iter().map(|value| value.trim());
        let given: Vec<&str> = given.filter(|value| !value.is_empty()).collect();
        let too_many = given.len() > MOST || given.len() > 1 && !self.kind.is_several();
        let too_few = given.is_empty() && self.required;
        if too_many || too_few {
            return None;
        }
        given.into_iter().map(|value| self.value(value)).collect()
    }

    fn value(&self, value: &str) -> Option<String> {
        if truncate(value, LONGEST) != value {
            return None;
        }
        let fits = match self.kind {
            FieldKind::Text | FieldKind::TextArray | FieldKind::TextArea => true,
            FieldKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            FieldKind::Date => is_date(value),
            FieldKind::Time => is_time(value),
            FieldKind::Datetime => {
                let parts = value.split_once([' ', 'T']);
                parts.is_some_and(|(date, time)| is_date(date) && is_time(time))
            }
            FieldKind::Checkbox | FieldKind::Switch => return yes_or_no(value),
            FieldKind::Select
            | FieldKind::MultiSelect
            | FieldKind::CheckboxGroup
            | FieldKind::MultiCheckboxGroup => return self.option(value),
        };
        fits.then(|| value.to_owned())
    }

    /// An option by its value, by what the person reads, or by its number.
    fn option(&self, given: &str) -> Option<String> {
        let by_name = self.options.iter();
        let by_name = by_name
            .clone()
            .find(|(value, _)| value == given)
            .or_else(|| by_name.clone().find(|(_, label)| label == given));
        let by_number = || {
            let number: usize = given.parse().ok()?;
            self.options.get(number.checked_sub(1)?)
        };
        let found = by_name.or_else(by_number);
        found.map(|(value, _)| value.clone())
    }
}

fn yes_or_no(value: &str) -> Option<String> {
    let is_yes = match value.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "是" | "对" => true,
        "false" | "0" | "no" | "off" | "否" | "不" => false,
        _ => return None,
    };
    Some(is_yes.to_string())
}

/// `2026-11-25`, with a month and a day that there can be.
fn is_date(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text.split(['-', '/']).map(number).collect();
    let [Some(year), Some(month), Some(day)] = parts.as_slice() else {
        return false;
    };
    let days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=9_999).contains(year) && (1..=days).contains(day)
}

/// `09:30` or `09:30:00`.
fn is_time(text: &str) -> bool {
    let parts: Option<Vec<u32>> = text.split(':').map(number).collect();
    match parts.as_deref() {
        Some([hour, minute]) => *hour < 24 && *minute < 60,
        Some([hour, minute, second]) => *hour < 24 && *minute < 60 && *second < 60,
        _ => false,
    }
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind) -> Field {
        Field {
            name: "f".to_owned(),
            label: "字段".to_owned(),
            kind,
            required: true,
            options: vec![
                ("a".to_owned(), "甲 👍".to_owned()),
                ("b".to_owned(), "乙".to_owned()),
            ],
        }
    }

    fn checked(kind: FieldKind, given: &[&str]) -> Option<Vec<String>> {
        let given: Vec<String> = given.iter().map(|value| (*value).to_owned()).collect();
        field(kind).check(&given)
    }

    #[test]
    fn a57_every_kind_of_field_takes_what_it_is_for_and_nothing_else() {
        use FieldKind::*;
        let good: [(FieldKind, &[&str], &[&str]); 17] = [
            (Text, &[" 你好 👋 "], &["你好 👋"]),
            (TextArray, &["一", "", "二"], &["一", "二"]),
            (TextArea, &["一\n二"], &["一\n二"]),
            (Number, &["-3.5"], &["-3.5"]),
            (Select, &["a"], &["a"]),
            (Select, &["甲 👍"], &["a"]),
            (Select, &["2"], &["b"]),
            (MultiSelect, &["a", "乙"], &["a", "b"]),
            (Date, &["2028-02-29"], &["2028-02-29"]),
            (Time, &["09:30"], &["09:30"]),
            (Datetime, &["2026-11-25 09:30:01"], &["2026-11-25 09:30:01"]),
            (Checkbox, &["是"], &["true"]),
            (Checkbox, &["false"], &["false"]),
            (Switch, &["ON"], &["true"]),
            (CheckboxGroup, &["b"], &["b"]),
            (MultiCheckboxGroup, &["b", "a"], &["b", "a"]),
            (Datetime, &["2026-11-25T09:30"], &["2026-11-25T09:30"]),
        ];
        for (kind, given, expected) in good {
            assert_eq!(
                checked(kind, given).as_deref(),
                Some(expected.map_owned().as_slice()),
                "{kind:?}"
            );
        }
        let long = "长".repeat(2_001);
        let bad: [(FieldKind, &[&str]); 16] = [
            (Text, &[]),
            (Text, &["  "]),
            (Text, &["a", "b"]),
            (Text, &[&long]),
            (Number, &["三"]),
            (Number, &["NaN"]),
            (Select, &["c"]),
            (Select, &["3"]),
            (Select, &["0"]),
            (MultiSelect, &["a", "x"]),
            (Date, &["2027-02-29"]),
            (Date, &["2026-13-01"]),
            (Time, &["24:00"]),
            (Time, &["+9:30"]),
            (Datetime, &["2026-11-25"]),
            (Checkbox, &["也许"]),
        ];
        for (kind, given) in bad {
            assert_eq!(checked(kind, given), None, "{kind:?} {given:?}");
        }
    }

    trait MapOwned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl MapOwned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|value| (*value).to_owned()).collect()
        }
    }

    #[test]
    fn what_is_typed_finds_its_field() {
        let mut form = Form {
            fields: vec![field(FieldKind::MultiSelect)],
            ..Form::default()
        };
        let typed = form.check(form.typed("甲 👍、b"));
        assert_eq!(typed.expect("both are there")["f"], ["a", "b"]);
        form.fields.push(Field {
            name: "when".to_owned(),
            label: "时间".to_owned(),
            required: false,
            ..field(FieldKind::Time)
        });
        let typed = form.typed("字段：乙\n时间=09:30\n别的: x");
        assert_eq!(typed["f"], ["乙"]);
        assert_eq!(typed["when"], ["09:30"]);
        assert_eq!(form.check(form.typed("when: 9 点")), Err("f".to_owned()));
        let without = form
            .check(form.typed("f: a"))
            .expect("the other may be empty");
        assert!(without["when"].is_empty());
    }

    #[test]
    fn words_name_kinds() {
        for (word, kind) in FieldKind::ALL {
            assert_eq!(FieldKind::parse(&word.to_lowercase()), Some(kind));
            assert_eq!(kind.word(), word);
        }
        assert_eq!(FieldKind::parse("PHOTO"), None);
    }
}
