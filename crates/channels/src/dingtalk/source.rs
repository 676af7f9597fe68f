//! How the bytes of an attachment are found, as it is kept with a message.

use chela_engine::attachment::AttachmentSource;
use dingtalk::DownloadCode;
use dingtalk::id::{ConversationId, DentryId, RobotCode, SpaceId, UserId};
use serde::{Deserialize, Serialize};

/// What is known of where the bytes are. Old rows must stay readable: fields are only added, with a default.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    /// Codes of the same file, the better one first; secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) codes: Vec<String>,
    /// The robot that the codes belong to, if the platform said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) robot: Option<RobotCode>,
    /// In whose name the drive is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member: Option<UserId>,
    /// Its place in the drive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
    /// When it appeared in which group, for files of which nothing else is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) moment: Option<Moment>,
}

/// A file of DingTalk's drive.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) space: SpaceId,
    pub(super) file: DentryId,
}

/// When something was sent to a group.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Moment {
    pub(super) group: ConversationId,
    /// In milliseconds since 1970.
    pub(super) at: i64,
}

/// One way to the bytes.
pub(super) enum Way {
    /// By the code that came with the message (protocol reference §5.2).
    Code {
        robot: Option<RobotCode>,
        code: DownloadCode,
    },
    /// From its place in the drive (§5.4, step 4).
    Place { place: Place, member: UserId },
    /// By looking for it in the group's drive (§5.4).
    Search { moment: Moment, member: UserId },
}

impl Source {
    pub(super) fn pack(&self) -> AttachmentSource {
        let packed = serde_json::to_string(self).expect("strings and numbers are always JSON");
        AttachmentSource::new(packed)
    }

    /// A source that cannot be read leads nowhere.
    pub(super) fn unpack(source: &AttachmentSource) -> Self {
        serde_json::from_str(source.expose()).unwrap_or_default()
    }

    /// The ways to the bytes, the cheapest first.
    pub(super) fn ways(&self) -> Vec<Way> {
        let codes = self.codes.iter().map(|code| Way::Code {
            robot: self.robot.clone(),
            code: DownloadCode::new(code),
        });
        let member = self.member.clone();
        let place = self.place.clone().zip(member.clone());
        let moment = self.moment.clone().zip(member);
        codes
            .chain(place.map(|(place, member)| Way::Place { place, member }))
            .chain(moment.map(|(moment, member)| Way::Search { moment, member }))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_row_is_still_read() {
        for stored in [
            r#"{"codes":["c"],"robot":"ding1"}"#,
            r#"{"codes":["c"],"robot":"ding1","member":"lin001","place":{"space":"1","file":"2"}}"#,
            r#"{"member":"lin001","moment":{"group":"cid/A+=","at":1790000000000}}"#,
        ] {
            let stored = AttachmentSource::new(stored);
            let source = Source::unpack(&stored);
            assert_eq!(source.pack(), stored);
            assert!(!source.ways().is_empty());
        }
        assert!(
            Source::unpack(&AttachmentSource::new("?"))
                .ways()
                .is_empty()
        );
    }
}
