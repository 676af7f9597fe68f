//! What is said about attachments: by the engine about those that are missing, by the reader about what was not read.
//!
//! Agents read most of it, and pass it on to people in their own words.

use chela_engine::ports::{BudgetScope, CollectError, FetchError, Remark};

use super::text::phrase;
use super::{Code, Phrase};

/// The sentence about something that is missing from a question or an answer.
pub(super) fn remark(remark: &Remark) -> Phrase {
    match remark {
        Remark::NotFetched { error } => not_fetched(error),
        Remark::NotInTime { limit } => {
            let seconds = limit.as_secs().max(1);
            phrase!(
                "这个附件在 {seconds} 秒内没有下载完，请过一会儿再发一次",
                "this attachment did not arrive within {seconds} seconds; please send it again later",
            )
        }
        Remark::TooLarge { limit } => {
            let size = size(*limit);
            phrase!(
                "这个附件超过了 {size} 的上限，没有收下",
                "this attachment is larger than {size} and was not taken",
            )
        }
        Remark::NotKept => phrase!(
            "这个附件没能存下来，请管理员检查磁盘空间（{code}）",
            "this attachment could not be stored; an administrator should look at the disk ({code})",
            code = Code::StoreFull,
        ),
        Remark::TooMany { left_out } => phrase!(
            "附件太多，还有 {left_out} 个没有看",
            "there are too many attachments; {left_out} more were left out",
        ),
        Remark::QuoteUnknown => phrase!(
            "引用的消息太早，内容已经查不到了",
            "the quoted message is not known any more",
        ),
        Remark::QuoteWithheld => phrase!(
            "引用的消息出自没有权限的人，内容不提供",
            "the quoted message was written by somebody who may not be heard here",
        ),
        Remark::QuoteCut => phrase!(
            "引用的消息较长，只保留了前面一部分",
            "the quoted message is long and was cut",
        ),
        Remark::BudgetLow {
            scope: BudgetScope::PersonDay,
            percent,
        } => phrase!(
            "（你今天的用量已经用掉 {percent}%，用完后要到明天才能继续。）",
            "(You have used {percent} % of what you may today; when it is used up, it goes on tomorrow.)",
        ),
        Remark::BudgetLow {
            scope: BudgetScope::AgentMonth,
            percent,
        } => phrase!(
            "（我这个月的用量已经用掉 {percent}%。）",
            "({percent} % of what I may use this month is used.)",
        ),
        Remark::ToolRefused { tool, sources } => super::tools::refused(tool, sources),
        Remark::NobodyToAsk { tool } => super::tools::nobody_to_ask(tool),
        Remark::ToolsExhausted { rounds } => super::tools::exhausted(*rounds),
        Remark::Hint { obstacle, app } => super::hints::hint(obstacle, app.as_deref()),
        Remark::NotSent { error } => not_sent(error),
    }
}

fn not_fetched(error: &FetchError) -> Phrase {
    match error {
        FetchError::Gone { .. } => phrase!(
            "这个附件已经过期或被删除，请重新发一次",
            "this attachment has expired or was removed; please send it again",
        ),
        FetchError::Forbidden { permissions, .. } => forbidden(permissions),
        FetchError::Refused { .. } => phrase!(
            "这个附件的下载地址不安全，没有下载",
            "this attachment leads to an address that must not be reached, and was not fetched",
        ),
        FetchError::Unreachable { .. } => phrase!(
            "这个附件暂时下载不了，请过一会儿再发一次",
            "this attachment cannot be fetched right now; please send it again later",
        ),
    }
}

fn forbidden(permissions: &[String]) -> Phrase {
    let code = Code::PermissionMissing;
    if permissions.is_empty() {
        return phrase!(
            "应用没有下载附件的权限，请管理员到钉钉开发者后台 → 应用 →“权限管理”里开通并发布（{code}）",
            "the app may not fetch attachments; an administrator can grant it in the DingTalk developer console → app → Permissions, and publish ({code})",
        );
    }
    let (zh, en) = (permissions.join("、"), permissions.join(", "));
    phrase!(
        "应用缺少权限 {zh}，附件下载不了。请管理员到钉钉开发者后台 → 应用 →“权限管理”里搜索并开通，然后发布（{code}）",
        "the app lacks {en}, so the attachment cannot be fetched; an administrator can grant it in the DingTalk developer console → app → Permissions, and publish ({code})",
    )
}

fn not_sent(error: &CollectError) -> Phrase {
    match error {
        CollectError::NotAllowed => phrase!(
            "（有一个文件不在允许发送的目录里，没有发送。）",
            "(One file is not in a folder from which files may be sent, and was not sent.)",
        ),
        CollectError::AddressNotAllowed => phrase!(
            "（有一个文件的网址不允许访问，没有发送。）",
            "(One file has an address that must not be reached, and was not sent.)",
        ),
        CollectError::TooLarge { limit } => {
            let size = size(*limit);
            phrase!(
                "（有一个文件超过了 {size}，钉钉发不了。）",
                "(One file is larger than {size}, which DingTalk does not take.)",
            )
        }
        CollectError::Empty => phrase!(
            "（有一个文件是空的，没有发送。）",
            "(One file is empty and was not sent.)",
        ),
        CollectError::Unreachable { .. } => phrase!(
            "（有一个文件没能取到，没有发送。）",
            "(One file could not be fetched and was not sent.)",
        ),
    }
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..0x10_0000 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{} MB", bytes / (1024 * 1024)),
    }
}

/// A file has no bytes.
pub fn empty() -> Phrase {
    phrase!("这个文件是空的", "this file is empty")
}

/// A file is of a kind that is not read.
pub fn not_read() -> Phrase {
    phrase!(
        "这种文件的内容读不了，只知道它的名字和大小",
        "files of this kind cannot be read; only name and size are known",
    )
}

/// A text was cut.
pub fn cut(characters: usize) -> Phrase {
    phrase!(
        "内容较长，只保留了前 {characters} 个字",
        "the content is long; only the first {characters} characters are here",
    )
}

/// A picture breaks off, or is none.
pub fn picture_damaged() -> Phrase {
    phrase!(
        "这张图片打不开，可能已经损坏",
        "this picture cannot be opened; it may be damaged",
    )
}

/// A picture has more pixels than are decoded.
pub fn picture_too_large() -> Phrase {
    phrase!(
        "这张图片的尺寸太大，没有打开，请压缩后再发",
        "this picture has too many pixels and was not opened; please send a smaller one",
    )
}

/// A picture that was made smaller could not be written.
pub fn picture_not_kept() -> Phrase {
    phrase!(
        "这张图片没能存下来，请管理员检查磁盘空间（{code}）",
        "this picture could not be stored; an administrator should look at the disk ({code})",
        code = Code::StoreFull,
    )
}

/// A film is shown by its first picture.
pub fn film_first_frame() -> Phrase {
    phrase!(
        "视频只截取了第一帧画面，后面的内容和声音没有看",
        "only the first picture of the video is here; the rest and the sound are not",
    )
}

/// A film cannot be looked at without ffmpeg.
pub fn film_needs_ffmpeg() -> Phrase {
    phrase!(
        "视频内容看不了：服务器上没有安装 ffmpeg（{code}）",
        "videos cannot be looked at: ffmpeg is not installed on the server ({code})",
        code = Code::FfmpegMissing,
    )
}

/// A film gave no picture.
pub fn film_unreadable() -> Phrase {
    phrase!(
        "这个视频打不开，可能已经损坏",
        "this video cannot be opened; it may be damaged",
    )
}

/// Nobody writes speech down.
pub fn speech_needs_model() -> Phrase {
    phrase!(
        "这段语音没有文字，也没有配置语音识别（tools.media.audio），听不到内容",
        "this recording came without a transcript, and no speech recognition is set up (tools.media.audio)",
    )
}

/// A recording must be converted first, and cannot be.
pub fn speech_needs_ffmpeg() -> Phrase {
    phrase!(
        "这段语音的格式要先转换才能识别，而服务器上没有安装 ffmpeg（{code}）",
        "this recording must be converted before it can be recognised, and ffmpeg is not installed on the server ({code})",
        code = Code::FfmpegMissing,
    )
}

/// A recording is damaged.
pub fn speech_unreadable() -> Phrase {
    phrase!(
        "这段语音打不开，可能已经损坏",
        "this recording cannot be opened; it may be damaged",
    )
}

/// Nothing is spoken in a recording.
pub fn speech_empty() -> Phrase {
    phrase!(
        "这段语音里没有听到说话",
        "nothing is spoken in this recording",
    )
}

/// A recording could not be written down.
pub fn speech_failed(code: Code) -> Phrase {
    phrase!(
        "这段语音暂时识别不了（{code}）",
        "this recording cannot be recognised right now ({code})",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::text::is_chinese;
    use super::super::{Language, Notices};
    use super::*;
    use chela_engine::ports::Texts;

    fn every_remark() -> Vec<Remark> {
        let reason = || "HTTP 403 https://secret.example".to_owned();
        let forbidden = |permissions: &[&str]| FetchError::Forbidden {
            permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
            reason: reason(),
        };
        let fetched = [
            FetchError::Gone { reason: reason() },
            forbidden(&["qyapi_robot_sendmsg", "Storage.File.Read"]),
            forbidden(&[]),
            FetchError::Refused { reason: reason() },
            FetchError::Unreachable { reason: reason() },
        ];
        let sent = [
            CollectError::NotAllowed,
            CollectError::AddressNotAllowed,
            CollectError::TooLarge { limit: 20 << 20 },
            CollectError::Empty,
            CollectError::Unreachable { reason: reason() },
        ];
        let others = [
            Remark::NotInTime {
                limit: Duration::from_secs(15),
            },
            Remark::TooLarge { limit: 20 << 20 },
            Remark::NotKept,
            Remark::BudgetLow {
                scope: BudgetScope::PersonDay,
                percent: 80,
            },
            Remark::BudgetLow {
                scope: BudgetScope::AgentMonth,
                percent: 80,
            },
            Remark::TooMany { left_out: 3 },
            Remark::QuoteUnknown,
            Remark::QuoteWithheld,
            Remark::QuoteCut,
            Remark::NobodyToAsk {
                tool: "message".to_owned(),
            },
            Remark::ToolRefused {
                tool: "message".to_owned(),
                sources: vec!["quoted", "web"],
            },
            Remark::ToolsExhausted { rounds: 25 },
        ];
        let fetched = fetched.map(|error| Remark::NotFetched { error });
        let sent = sent.map(|error| Remark::NotSent { error });
        fetched.into_iter().chain(sent).chain(others).collect()
    }

    #[test]
    fn every_remark_is_said_in_both_languages_and_gives_nothing_away() {
        for remark in every_remark() {
            let zh = Notices::new(Language::Chinese).remark(&remark);
            let en = Notices::new(Language::English).remark(&remark);
            assert!(
                is_chinese(&zh) && zh.chars().count() < 130,
                "{remark:?}: {zh}"
            );
            assert!(!en.is_empty() && !is_chinese(&en), "{remark:?}: {en}");
            assert!(!format!("{zh}{en}").contains("secret"), "{zh} {en}");
        }
    }

    #[test]
    fn an_administrator_finds_the_permission_and_the_place() {
        let forbidden = Remark::NotFetched {
            error: FetchError::Forbidden {
                permissions: vec!["qyapi_robot_sendmsg".to_owned()],
                reason: String::new(),
            },
        };
        let said = Notices::new(Language::Chinese).remark(&forbidden);
        for word in [
            "qyapi_robot_sendmsg",
            "开发者后台",
            "权限管理",
            "CHELA-3004",
        ] {
            assert!(said.contains(word), "{said}");
        }
        let large = Remark::TooLarge { limit: 20 << 20 };
        assert!(
            Notices::new(Language::Chinese)
                .remark(&large)
                .contains("20 MB")
        );
    }

    #[test]
    fn the_reader_speaks_both_languages() {
        for words in [
            empty(),
            not_read(),
            cut(20_000),
            picture_damaged(),
            picture_too_large(),
            picture_not_kept(),
            film_first_frame(),
            film_needs_ffmpeg(),
            film_unreadable(),
            speech_needs_model(),
            speech_needs_ffmpeg(),
            speech_unreadable(),
            speech_empty(),
            speech_failed(Code::AgentAuth),
        ] {
            let (zh, en) = (words.get(Language::Chinese), words.get(Language::English));
            assert!(is_chinese(zh), "{zh}");
            assert!(!en.is_empty() && !is_chinese(en), "{en}");
        }
    }
}
