//! How long a recording or a film is, from the few bytes of it that tell.

use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;

/// Bytes of each frame's speech by its type (3GPP TS 26.101 §4, 26.201 §4); a frame takes 20 ms.
const AMR: [usize; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0];
const AMR_WIDE: [usize; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0];

/// The length of an AMR or Ogg recording; `None` when it cannot be told.
pub(super) fn duration(bytes: &[u8]) -> Option<Duration> {
    let duration = amr(bytes).or_else(|| ogg(bytes))?;
    (!duration.is_zero()).then_some(duration)
}

fn amr(bytes: &[u8]) -> Option<Duration> {
    let (mut rest, sizes) = match bytes.strip_prefix(b"#!AMR-WB\n") {
        Some(rest) => (rest, &AMR_WIDE),
        None => (bytes.strip_prefix(b"#!AMR\n")?, &AMR),
    };
    let mut frames = 0u32;
    while let Some((header, behind)) = rest.split_first() {
        let size = sizes[usize::from(header >> 3 & 0x0f)];
        let Some(behind) = behind.get(size..) else {
            break;
        };
        rest = behind;
        frames += 1;
    }
    Some(Duration::from_millis(20) * frames)
}

/// Ogg tells time by samples at the end of each page (RFC 3533 §6); Opus counts 48,000 of them a second and leaves out
/// the first few (RFC 7845 §4), Vorbis says how many.
fn ogg(bytes: &[u8]) -> Option<Duration> {
    let mut rest = bytes;
    let mut format = None;
    let mut samples = 0u64;
    while let Some(page) = Page::first(rest) {
        format = format.or_else(|| Some((page.serial, codec(page.body)?)));
        // All bits set: no packet ends on the page.
        if format.is_some_and(|(serial, _)| serial == page.serial) && page.granule != u64::MAX {
            samples = samples.max(page.granule);
        }
        rest = page.behind;
    }
    let (_, (rate, skipped)) = format?;
    let samples = samples.saturating_sub(skipped);
    let millis = u128::from(samples) * 1_000 / u128::from(rate);
    Some(Duration::from_millis(u64::try_from(millis).ok()?))
}

/// Samples per second, and those left out at the beginning.
fn codec(body: &[u8]) -> Option<(u64, u64)> {
    if body.starts_with(b"OpusHead") {
        let skipped = u16::from_le_bytes(array(body, 10)?);
        return Some((48_000, skipped.into()));
    }
    if body.starts_with(b"\x01vorbis") {
        let rate = u32::from_le_bytes(array(body, 12)?);
        return (rate > 0).then_some((rate.into(), 0));
    }
    None
}

struct Page<'a> {
    serial: u32,
    granule: u64,
    body: &'a [u8],
    behind: &'a [u8],
}

impl<'a> Page<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(b"OggS") {
            return None;
        }
        let granule = u64::from_le_bytes(array(bytes, 6)?);
        let serial = u32::from_le_bytes(array(bytes, 14)?);
        let segments = usize::from(*bytes.get(26)?);
        let table = bytes.get(27..27 + segments)?;
        let length: usize = table.iter().map(|length| usize::from(*length)).sum();
        let body = bytes.get(27 + segments..)?;
        let (body, behind) = body.split_at(length.min(body.len()));
        Some(Self {
            serial,
            granule,
            body,
            behind,
        })
    }
}

fn array<const LENGTH: usize>(bytes: &[u8], offset: usize) -> Option<[u8; LENGTH]> {
    bytes.get(offset..offset + LENGTH)?.try_into().ok()
}

/// Boxes that are looked at before a film is given up.
const MOST_BOXES: usize = 1_000;

/// The length of an MP4 film, from its movie header (ISO 14496-12 §8.2.2).
pub(super) fn film(mut source: impl Read + Seek) -> Option<Duration> {
    let (start, end) = find(&mut source, b"moov", 0, u64::MAX)?;
    let (start, _) = find(&mut source, b"mvhd", start, end)?;
    source.seek(SeekFrom::Start(start)).ok()?;
    let mut header = [0; 32];
    source.read_exact(&mut header).ok()?;
    let (scale, length) = if header[0] == 1 {
        let scale = u32::from_be_bytes(array(&header, 20)?);
        (scale, u64::from_be_bytes(array(&header, 24)?))
    } else {
        let scale = u32::from_be_bytes(array(&header, 12)?);
        (scale, u32::from_be_bytes(array(&header, 16)?).into())
    };
    let millis = u128::from(length) * 1_000 / u128::from((scale > 0).then_some(scale)?);
    Some(Duration::from_millis(u64::try_from(millis).ok()?))
}

/// Where the content of a box begins and ends, among those that lie one behind the other from `start`.
fn find(
    source: &mut (impl Read + Seek),
    name: &[u8; 4],
    start: u64,
    end: u64,
) -> Option<(u64, u64)> {
    let mut at = start;
    for _ in 0..MOST_BOXES {
        if at >= end {
            return None;
        }
        source.seek(SeekFrom::Start(at)).ok()?;
        let mut header = [0; 16];
        source.read_exact(&mut header[..8]).ok()?;
        let short = u32::from_be_bytes(array(&header, 0)?);
        let (size, content) = match short {
            0 => (end.checked_sub(at)?, 8),
            1 => {
                source.read_exact(&mut header[8..]).ok()?;
                (u64::from_be_bytes(array(&header, 8)?), 16)
            }
            short => (short.into(), 8),
        };
        let next = at.checked_add(size).filter(|_| size >= content)?;
        if header[4..8] == *name {
            return Some((at + content, next.min(end)));
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn page(serial: u32, granule: u64, body: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\0".to_vec();
        page.extend(granule.to_le_bytes());
        page.extend(serial.to_le_bytes());
        page.extend([0; 8]);
        page.push(1);
        page.push(u8::try_from(body.len()).unwrap());
        page.extend(body);
        page
    }

    #[test]
    fn amr_is_counted_in_frames() {
        let mut narrow = b"#!AMR\n".to_vec();
        for _ in 0..50 {
            narrow.push(0x3c);
            narrow.extend([0; 31]);
        }
        assert_eq!(duration(&narrow), Some(Duration::from_secs(1)));
        narrow.push(0x3c);
        assert_eq!(duration(&narrow), Some(Duration::from_secs(1)), "cut");
        let mut wide = b"#!AMR-WB\n".to_vec();
        for _ in 0..100 {
            wide.push(0x04);
            wide.extend([0; 17]);
        }
        assert_eq!(duration(&wide), Some(Duration::from_secs(2)));
    }

    #[test]
    fn ogg_tells_by_its_last_page() {
        let mut opus = page(7, 0, b"OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0");
        opus.extend(page(7, u64::MAX, b"x"));
        opus.extend(page(9, 48_000 * 99, b"another stream"));
        opus.extend(page(7, 48_000 * 3 + 312, b"x"));
        assert_eq!(duration(&opus), Some(Duration::from_secs(3)));
        let mut vorbis = page(1, 0, b"\x01vorbis\0\0\0\0\x01\x44\xac\0\0");
        vorbis.extend(page(1, 44_100 * 5 / 2, b"x"));
        assert_eq!(duration(&vorbis), Some(Duration::from_millis(2_500)));
    }

    #[test]
    fn what_is_neither_has_no_length() {
        for bytes in [
            &b""[..],
            b"#!AMR\n",
            b"OggS",
            b"RIFF",
            &page(1, 9, b"video"),
        ] {
            assert_eq!(duration(bytes), None);
        }
        let whole = page(7, 48_000, b"OpusHead\x01\x01\0\0");
        for length in 0..whole.len() {
            let cut = whole.get(..length).unwrap();
            assert!(duration(cut).is_none_or(|length| length <= Duration::from_secs(1)));
        }
    }

    #[test]
    fn a_film_tells_in_its_header() {
        let boxed = |name: &[u8], content: &[u8]| {
            let length = u32::try_from(content.len() + 8).unwrap();
            [&length.to_be_bytes()[..], name, content].concat()
        };
        let mut header = vec![0; 12];
        header.extend(1_000u32.to_be_bytes());
        header.extend(12_345u32.to_be_bytes());
        header.extend([0; 80]);
        let moov = boxed(b"moov", &boxed(b"mvhd", &header));
        let film_bytes = [boxed(b"ftyp", b"isom"), boxed(b"free", &[0; 50]), moov].concat();
        assert_eq!(
            film(Cursor::new(&film_bytes)),
            Some(Duration::from_millis(12_345))
        );
        for broken in [&b""[..], b"\0\0\0\0mdat", b"\0\0\0\x02ftyp", &[0xff; 64]] {
            assert_eq!(film(Cursor::new(broken)), None);
        }
    }
}
