//! `openSpaceId`: where cards go (protocol reference §6.1, C5).

/// One space of `dtv1.card//IM_GROUP.cid…;IM_ROBOT.user…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Space {
    pub(super) kind: SpaceKind,
    pub(super) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpaceKind {
    /// A group.
    Group,
    /// A person's private conversation with the bot.
    Robot,
    /// Exists on the platform; nothing here has it.
    Other(&'static str),
}

impl SpaceKind {
    const ALL: [Self; 6] = [
        Self::Group,
        Self::Robot,
        Self::Other("IM_SINGLE"),
        Self::Other("ONE_BOX"),
        Self::Other("CO_FEED"),
        Self::Other("DOC"),
    ];

    /// `spaceType` in answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Group => "IM_GROUP",
            Self::Robot => "IM_ROBOT",
            Self::Other(name) => name,
        }
    }

    /// The objects in requests that describe the space and the delivery to it.
    pub(super) fn models(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Group => Some(["imGroupOpenSpaceModel", "imGroupOpenDeliverModel"]),
            Self::Robot => Some(["imRobotOpenSpaceModel", "imRobotOpenDeliverModel"]),
            Self::Other(_) => None,
        }
    }
}

/// `None` when it is not of that form. Names of spaces may be in small letters.
pub(super) fn spaces(text: &str) -> Option<Vec<Space>> {
    let list = text.strip_prefix("dtv1.card//")?;
    list.split(';').map(space).collect()
}

fn space(text: &str) -> Option<Space> {
    let (name, id) = text.split_once('.')?;
    let kind = SpaceKind::ALL
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(name))?;
    (!id.is_empty()).then(|| Space {
        kind,
        id: id.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_have_a_grammar() {
        let read = |text: &str| {
            spaces(text).map(|spaces| {
                let pairs = spaces
                    .into_iter()
                    .map(|space| (space.kind.name(), space.id));
                pairs.collect::<Vec<_>>()
            })
        };
        assert_eq!(
            read("dtv1.card//im_group.cid/+=;IM_ROBOT.a.b;one_box.c"),
            Some(vec![
                ("IM_GROUP", "cid/+=".to_owned()),
                ("IM_ROBOT", "a.b".to_owned()),
                ("ONE_BOX", "c".to_owned())
            ])
        );
        for wrong in [
            "",
            "IM_GROUP.cid",
            "dtv1.card//",
            "dtv1.card//X.y",
            "dtv1.card//IM_GROUP.",
            "dtv1.card//IM_GROUP.a;",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
