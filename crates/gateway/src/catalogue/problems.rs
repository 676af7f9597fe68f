//! What is said about a fault in a configuration, and what can be done about it.

use super::text::phrase;
use super::{Code, Phrase, Text};
use crate::config::Reference;
use crate::config::{Expected, IncludeFault, Problem, ProblemKind, SyntaxError};

impl Code {
    /// The code of a fault in a configuration.
    pub const fn of_problem(kind: &ProblemKind) -> Self {
        match kind {
            ProblemKind::NotText { .. } => Self::ConfigNotText,
            ProblemKind::Syntax(_) => Self::ConfigSyntax,
            ProblemKind::Include(_) => Self::ConfigInclude,
            ProblemKind::NotVariable => Self::ConfigDotenv,
            ProblemKind::WrongType { .. } => Self::ConfigType,
            ProblemKind::NotAllowed { .. }
            | ProblemKind::OutOfRange { .. }
            | ProblemKind::NotAddress { .. }
            | ProblemKind::MissingKey { .. } => Self::ConfigValue,
            ProblemKind::MissingVariable { .. } => Self::ConfigVariable,
            ProblemKind::IncompleteSecret { .. } => Self::SecretUnavailable,
            ProblemKind::MissingCredential { .. } => Self::AccountIncomplete,
            ProblemKind::SharedClientId { .. } => Self::AccountConflict,
            ProblemKind::Duplicate => Self::ConfigDuplicateKey,
            ProblemKind::UnknownKey { .. } => Self::ConfigUnknownKey,
            ProblemKind::UnknownName { .. } | ProblemKind::SameName { .. } => Self::ConfigReference,
            ProblemKind::UnsupportedApi { .. } => Self::ModelApiNotSupported,
            ProblemKind::TreatedAs { .. } | ProblemKind::Unused { .. } => Self::ConfigNotSupported,
        }
    }
}

/// What is wrong.
pub fn message(problem: &Problem) -> Phrase {
    let key = &problem.key;
    match &problem.kind {
        ProblemKind::NotText {
            encoding: Some(encoding),
        } => phrase!(
            "从这里开始不是 UTF-8，看起来是 {encoding} 编码。",
            "from here on it is not UTF-8; it looks like {encoding}.",
        ),
        ProblemKind::NotText { encoding: None } => {
            phrase!("从这里开始不是 UTF-8。", "from here on it is not UTF-8.")
        }
        ProblemKind::Syntax(error) => syntax(error),
        ProblemKind::Include(fault) => include(fault),
        ProblemKind::NotVariable => phrase!(
            "这一行不是“名字=值”，不起作用。",
            "this line is no NAME=value and has no effect.",
        ),
        ProblemKind::WrongType {
            expected,
            found,
            text,
        } => wrong_type(key, *expected, *found, text.as_deref()),
        ProblemKind::NotAllowed { text, allowed, .. } => {
            let allowed = allowed.join(" | ");
            phrase!(
                "{key} 不能是 \"{text}\"，可以是：{allowed}。",
                "{key} cannot be \"{text}\"; it is one of: {allowed}.",
            )
        }
        ProblemKind::OutOfRange {
            number,
            minimum,
            maximum,
        } => out_of_range(key, number, *minimum, *maximum),
        ProblemKind::NotAddress { text, schemes } => phrase!(
            "{key} 不是可用的地址：\"{text}\"（形式如 {schemes}）。",
            "{key} is no address that can be used: \"{text}\" (of the form {schemes}).",
        ),
        ProblemKind::MissingVariable { variable } => phrase!(
            "{key} 引用了环境变量 {variable}，但它没有设置。",
            "{key} uses the environment variable {variable}, which is not set.",
        ),
        ProblemKind::IncompleteSecret { missing } => phrase!(
            "{key} 引用的密钥缺少 {missing}。",
            "{key} refers to a secret without {missing}.",
        ),
        ProblemKind::MissingCredential { missing } => phrase!(
            "{key} 还缺 {missing}，这个机器人不会启动。",
            "{key} has no {missing}; this bot does not start.",
        ),
        ProblemKind::MissingKey { missing } => {
            phrase!("{key} 缺少 {missing}。", "{key} has no {missing}.")
        }
        ProblemKind::SharedClientId { winner } => phrase!(
            "{key} 和机器人 {winner} 的 clientId 相同，只运行 {winner}。",
            "{key} has the clientId of the bot {winner}; only {winner} runs.",
        ),
        ProblemKind::Duplicate => phrase!(
            "{key} 在同一处写了两次，以这一个为准。",
            "{key} is written twice; this one counts.",
        ),
        ProblemKind::UnknownKey { .. } => phrase!(
            "不认识 {key}，它不起作用。",
            "{key} is not known and has no effect.",
        ),
        ProblemKind::UnknownName { what, name, .. } => {
            let (zh, en) = (reference(*what).zh, reference(*what).en);
            phrase!(
                "{key} 提到的{zh} \"{name}\" 没有定义。",
                "{key} names the {en} \"{name}\", which is not defined.",
            )
        }
        ProblemKind::SameName { name } => phrase!(
            "{key}：名字 \"{name}\" 已经被另一个智能体使用，@{name} 不知道该找谁。",
            "{key}: another agent has the name \"{name}\" already, so @{name} could mean either.",
        ),
        ProblemKind::UnsupportedApi { api } => phrase!(
            "{key}：还不支持 \"{api}\" 接口，用到它的模型暂时不能回答。",
            "{key}: the interface \"{api}\" is not supported yet; its models cannot answer.",
        ),
        ProblemKind::TreatedAs { value, instead } => phrase!(
            "{key}：还不支持 \"{value}\"，暂时按 {instead} 处理。",
            "{key}: \"{value}\" is not supported yet and is treated as {instead}.",
        ),
        ProblemKind::Unused { keys } => {
            let keys = keys.join(", ");
            phrase!(
                "以下 OpenClaw 配置可以保留，Chela 目前不使用：{keys}",
                "these settings of OpenClaw may stay; Chela does not use them: {keys}",
            )
        }
    }
}

/// What can be done, where that depends on the case.
pub fn hint(problem: &Problem) -> Option<Phrase> {
    match &problem.kind {
        ProblemKind::Syntax(SyntaxError::FullWidth { instead, .. }) => Some(phrase!(
            "换成半角标点 {instead} ，从网页复制的配置里可能不止一处。",
            "replace it by {instead} (text pasted from a web page often has more of them).",
        )),
        ProblemKind::Syntax(SyntaxError::Invisible { .. }) => Some(phrase!(
            "删掉这个位置前后的空白，重新输入。",
            "delete the white space around this place and type it anew.",
        )),
        ProblemKind::OutOfRange {
            minimum, maximum, ..
        } => range(*minimum, *maximum),
        ProblemKind::NotAddress { schemes, .. } => Some(phrase!(
            "写成这样的形式：{schemes}",
            "write one of these forms: {schemes}",
        )),
        ProblemKind::NotAllowed {
            nearest: None,
            allowed,
            ..
        } => {
            let allowed = allowed.join(" | ");
            Some(phrase!("写成其中一个：{allowed}", "write one of {allowed}"))
        }
        ProblemKind::WrongType {
            expected: Expected::List,
            found: Expected::Text,
            ..
        } => Some(phrase!(
            "放进方括号，例如 [\"…\"]。",
            "put it in brackets, as in [\"…\"]."
        )),
        ProblemKind::WrongType {
            expected,
            found: Expected::Text,
            text: Some(text),
        } => unquote(&problem.key, *expected, text),
        ProblemKind::WrongType {
            expected: Expected::Text,
            ..
        } => Some(phrase!("给它加上引号。", "put it in quotes.")),
        ProblemKind::NotAllowed {
            nearest: Some(nearest),
            ..
        }
        | ProblemKind::UnknownKey {
            nearest: Some(nearest),
        }
        | ProblemKind::UnknownName {
            nearest: Some(nearest),
            ..
        } => Some(phrase!("是不是想写 {nearest}？", "did you mean {nearest}?")),
        ProblemKind::UnknownKey { nearest: None } => Some(phrase!(
            "删掉它；chela config schema 列出所有配置项。",
            "remove it; chela config schema lists all settings.",
        )),
        ProblemKind::MissingVariable { variable } => Some(phrase!(
            "先运行 export {variable}=…，或在配置的 env.vars 里加上它。",
            "run export {variable}=… first, or add it to env.vars of the configuration.",
        )),
        _ => None,
    }
}

fn include(fault: &IncludeFault) -> Phrase {
    match fault {
        IncludeFault::NoPath => phrase!(
            "$include 应该是文件路径，或者路径的列表。",
            "$include is the path of a file, or a list of paths.",
        ),
        IncludeFault::Unreadable { path, reason } => phrase!(
            "读不了 {path}：{reason}。",
            "{path} cannot be read: {reason}.",
        ),
        IncludeFault::NotText { path } => {
            phrase!("{path} 不是 UTF-8 文本。", "{path} is not UTF-8 text.")
        }
        IncludeFault::Outside { path } => phrase!(
            "{path} 在配置文件所在的目录之外。",
            "{path} is outside the folder of the configuration.",
        ),
        IncludeFault::Circle { path } => phrase!(
            "{path} 绕了一圈又引用了自己。",
            "{path} includes itself in the end.",
        ),
        IncludeFault::TooDeep => phrase!(
            "$include 套了超过 10 层。",
            "$include goes deeper than 10 files.",
        ),
        IncludeFault::TooLarge { path } => {
            phrase!("{path} 超过 2 MB。", "{path} is larger than 2 MB.")
        }
    }
}

/// How a file in another encoding becomes UTF-8.
pub fn to_utf8(path: &std::path::Path, encoding: &str) -> Phrase {
    let path = path.display();
    phrase!(
        "运行 iconv -f {encoding} -t UTF-8 '{path}' > '{path}.utf8' && mv '{path}.utf8' '{path}'；或者用编辑器另存为 UTF-8。",
        "run iconv -f {encoding} -t UTF-8 '{path}' > '{path}.utf8' && mv '{path}.utf8' '{path}', or save it as UTF-8 in the editor.",
    )
}

fn syntax(error: &SyntaxError) -> Phrase {
    match error {
        SyntaxError::Empty => phrase!(
            "文件是空的，至少要有一对花括号 {{}}。",
            "it is empty; there must at least be braces {{}}."
        ),
        SyntaxError::NotObject => phrase!(
            "整个配置要放在一对花括号里。",
            "the whole configuration stands in braces."
        ),
        SyntaxError::FullWidth { found, .. } => phrase!(
            "这里是全角标点 {found} 。",
            "this is full-width punctuation: {found}"
        ),
        SyntaxError::Invisible { found } => {
            let number = u32::from(*found);
            phrase!(
                "这里有一个看不见的字符 U+{number:04X}。",
                "there is an invisible character here: U+{number:04X}.",
            )
        }
        SyntaxError::MissingComma => phrase!("这里少了一个逗号。", "a comma is missing here."),
        SyntaxError::MissingColon => {
            phrase!("名字后面少了冒号。", "a colon is missing after the name.")
        }
        SyntaxError::MissingValue => {
            phrase!("冒号后面没有值。", "there is no value after the colon.")
        }
        SyntaxError::UnclosedText => phrase!(
            "从这里开始的文本没有结束，少了右引号。",
            "the text that begins here has no closing quote."
        ),
        SyntaxError::UnclosedObject => phrase!(
            "从这里开始的花括号没有关闭，少了一个 }}。",
            "the brace that opens here is not closed by a }}."
        ),
        SyntaxError::UnclosedList => phrase!(
            "从这里开始的方括号没有关闭，少了一个 ]。",
            "the bracket that opens here is not closed by a ]."
        ),
        SyntaxError::UnclosedComment => phrase!(
            "从这里开始的注释没有结束，少了 */。",
            "the comment that begins here has no */."
        ),
        SyntaxError::Trailing => phrase!(
            "配置到前面就结束了，这里多出了内容（可能多写了一个 }}）。",
            "the configuration ended before this; perhaps there is a }} too many."
        ),
        SyntaxError::TooDeep => phrase!("嵌套太深。", "it is nested too deeply."),
        SyntaxError::BareWord => phrase!("文本要加引号。", "text needs quotes."),
        SyntaxError::Unexpected => phrase!("这里的内容看不懂。", "this cannot be understood."),
    }
}

fn wrong_type(
    key: &impl std::fmt::Display,
    expected: Expected,
    found: Expected,
    text: Option<&str>,
) -> Phrase {
    let (wanted, given) = (kind(expected), kind(found));
    let shown = text
        .map(|text| format!(" \"{}\"", shorten(text)))
        .unwrap_or_default();
    Phrase::new(
        format!("{key} 应该是{}，现在是{}{shown}。", wanted.zh, given.zh),
        format!("{key} should be {}, and is {}{shown}.", wanted.en, given.en),
    )
}

fn out_of_range(
    key: &impl std::fmt::Display,
    number: &str,
    minimum: Option<i64>,
    maximum: Option<i64>,
) -> Phrase {
    match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => phrase!(
            "{key} 应该在 {minimum} 到 {maximum} 之间，现在是 {number}。",
            "{key} should be between {minimum} and {maximum}, and is {number}.",
        ),
        (Some(minimum), None) => phrase!(
            "{key} 不能小于 {minimum}，现在是 {number}。",
            "{key} should be at least {minimum}, and is {number}.",
        ),
        (None, Some(maximum)) => phrase!(
            "{key} 不能大于 {maximum}，现在是 {number}。",
            "{key} should be at most {maximum}, and is {number}.",
        ),
        (None, None) => phrase!("{key} 不能是 {number}。", "{key} cannot be {number}."),
    }
}

fn range(minimum: Option<i64>, maximum: Option<i64>) -> Option<Phrase> {
    Some(match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => phrase!(
            "改成 {minimum} 到 {maximum} 之间的数。",
            "write a number from {minimum} to {maximum}.",
        ),
        (Some(minimum), None) => phrase!(
            "改成不小于 {minimum} 的数。",
            "write a number of at least {minimum}.",
        ),
        (None, Some(maximum)) => phrase!(
            "改成不大于 {maximum} 的数。",
            "write a number of at most {maximum}.",
        ),
        (None, None) => return None,
    })
}

fn unquote(key: &impl std::fmt::Display, expected: Expected, text: &str) -> Option<Phrase> {
    let fits = match expected {
        Expected::Boolean | Expected::BooleanOrObject => matches!(text, "true" | "false"),
        Expected::Number | Expected::Integer => text.parse::<f64>().is_ok(),
        _ => false,
    };
    let words = match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "是" | "开" => Some("true"),
        "no" | "off" | "否" | "关" => Some("false"),
        _ => None,
    };
    match (fits, words) {
        (true, _) => Some(phrase!(
            "去掉引号，写成 {text}；或运行 chela config set {key} {text}。",
            "remove the quotes: {text}; or run chela config set {key} {text}."
        )),
        (false, Some(word))
            if matches!(expected, Expected::Boolean | Expected::BooleanOrObject) =>
        {
            Some(phrase!(
                "写成 {word}，不加引号；或运行 chela config set {key} {word}。",
                "write {word}, without quotes; or run chela config set {key} {word}."
            ))
        }
        _ => None,
    }
}

fn kind(expected: Expected) -> Text {
    match expected {
        Expected::Null => Text::new("空值 null", "null"),
        Expected::Boolean => Text::new(" true 或 false", "true or false"),
        Expected::Number => Text::new("数字", "a number"),
        Expected::Integer => Text::new("整数", "a whole number"),
        Expected::Text => Text::new("文本", "a text"),
        Expected::List => Text::new("列表 […]", "a list […]"),
        Expected::Object => Text::new("对象 {…}", "an object {…}"),
        Expected::TextOrObject => Text::new("文本或对象 {…}", "a text or an object {…}"),
        Expected::BooleanOrObject => {
            Text::new(" true、false 或对象 {…}", "true, false or an object {…}")
        }
    }
}

fn reference(what: Reference) -> Text {
    match what {
        Reference::Agent | Reference::BoundAgent => Text::new("智能体", "agent"),
        Reference::Account => Text::new("机器人", "bot"),
        Reference::Provider => Text::new("模型服务", "model provider"),
        Reference::TimeZone => Text::new("时区", "time zone"),
        Reference::SecretProvider => Text::new("密钥来源", "secret provider"),
    }
}

fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
