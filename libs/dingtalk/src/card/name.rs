//! Names of cards and of calls. They follow from what they are about, so that a repetition, also by another process after
//! a crash, lands on the same card.
//!
//! SHA-256, cut to 128 bits: not for secrecy, but because UUIDs of version 5 would bring another crate along for an older
//! hash. The parts are hashed with their lengths, so that no two lists of parts run together.

use sha2::{Digest, Sha256};

use crate::api::Progress;
use crate::id::{Guid, MessageId, OutTrackId};

/// What a card is about.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Which robot, in any form that tells it from others.
    pub account: &'a str,
    /// The message that is answered.
    pub message: &'a MessageId,
    /// Which attempt to answer it that must not land on the card of an earlier one.
    pub turn: u32,
    /// Which card of this attempt.
    pub sequence: u32,
}

impl Origin<'_> {
    /// The name of the card: `card_` and 32 hexadecimal digits.
    pub fn out_track_id(&self) -> OutTrackId {
        let digest = digest(&[
            b"card",
            self.account.as_bytes(),
            self.message.as_str().as_bytes(),
            &self.turn.to_be_bytes(),
            &self.sequence.to_be_bytes(),
        ]);
        OutTrackId::new(format!("card_{digest:032x}"))
    }
}

/// The name of one call: of the same card, run, place, and content. Written like a UUID of version 8, whose bits anybody
/// may choose.
pub(super) fn guid(card: &OutTrackId, place: [u32; 2], content: &str, progress: Progress) -> Guid {
    let [run, sequence] = place;
    let digest = digest(&[
        b"guid",
        card.as_str().as_bytes(),
        &run.to_be_bytes(),
        &sequence.to_be_bytes(),
        content.as_bytes(),
        &[progress as u8],
    ]);
    let digest = digest & !(0xf << 76) & !(0b11 << 62) | 0x8 << 76 | 0b10 << 62;
    // Which bits of it stand between two hyphens.
    let part = |shift: u32, bits: u32| digest >> shift & ((1 << bits) - 1);
    Guid::new(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 32),
        part(80, 16),
        part(64, 16),
        part(48, 16),
        part(0, 48)
    ))
}

fn digest(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        // 64 bits hold any length.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let whole = hash.finalize();
    let (half, _) = whole.split_at(16);
    u128::from_be_bytes(half.try_into().expect("it has 16 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_the_card_is_about() {
        let message = MessageId::new("msg/+==");
        let origin = Origin {
            account: "default",
            message: &message,
            turn: 0,
            sequence: 0,
        };
        let name = origin.out_track_id();
        assert_eq!(name.as_str(), "card_a1ea198f92cc064c7b8c004ad8d01790");
        let other = MessageId::new("msg/+=");
        let others = [
            Origin {
                account: "default=",
                message: &other,
                ..origin
            },
            Origin { turn: 1, ..origin },
            Origin {
                sequence: 1,
                ..origin
            },
        ];
        for other in others {
            assert_ne!(name, other.out_track_id());
        }
    }

    #[test]
    fn a_call_has_a_uuid_of_its_own() {
        let card = OutTrackId::new("card_1");
        let guid = guid(&card, [0, 1], "全文", Progress::More);
        assert_eq!(guid.as_str(), "4e66018d-149f-86c6-9124-141a9ac3dc0a");
        let others = [
            super::guid(&card, [1, 0], "全文", Progress::More),
            super::guid(&card, [0, 1], "全", Progress::More),
            super::guid(&card, [0, 1], "全文", Progress::Finished),
            super::guid(&OutTrackId::new("card_2"), [0, 1], "全文", Progress::More),
        ];
        assert!(others.iter().all(|other| *other != guid));
    }
}
