//! XML as a flat row of events. Entities that a document defines itself are not expanded, so that there are no bombs.

use std::borrow::Cow;

use encoding_rs::UTF_8;
use quick_xml::events::{BytesEnd, BytesStart, Event as Raw};
use quick_xml::{Reader, XmlVersion};

/// The events of a document, as far as it can be read.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    /// The end of an element without content, which follows its start.
    end: Option<End<'a>>,
    is_damaged: bool,
}

/// Something in a document.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// An element begins.
    Start(Element<'a>),
    /// An element ends.
    End(End<'a>),
    /// Text between tags, unescaped. One text may come in several pieces.
    Text(Cow<'a, str>),
}

/// The end of an element.
#[derive(Debug)]
pub(crate) struct End<'a>(BytesEnd<'a>);

/// The start of an element.
#[derive(Debug)]
pub(crate) struct Element<'a>(BytesStart<'a>);

impl<'a> Xml<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        Self {
            reader,
            end: None,
            is_damaged: false,
        }
    }

    /// Whether it broke off before its end.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_damaged
    }
}

impl<'a> Iterator for Xml<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if let Some(end) = self.end.take() {
            return Some(Event::End(end));
        }
        loop {
            let Ok(event) = self.reader.read_event() else {
                self.is_damaged = true;
                return None;
            };
            match event {
                Raw::Start(start) => return Some(Event::Start(Element(start))),
                Raw::Empty(start) => {
                    let name = start.local_name().into_inner().to_owned();
                    self.end = Some(End(BytesEnd::new(name)));
                    return Some(Event::Start(Element(start)));
                }
                Raw::End(end) => return Some(Event::End(End(end))),
                Raw::Text(text) => return Some(Event::Text(text.xml10_content())),
                Raw::CData(text) => return Some(Event::Text(text.xml10_content())),
                Raw::GeneralRef(name) => {
                    if let Some(text) = resolve(&name) {
                        return Some(Event::Text(Cow::Owned(text)));
                    }
                }
                Raw::Eof => return None,
                Raw::Comment(_) | Raw::Decl(_) | Raw::PI(_) | Raw::DocType(_) => {}
            }
        }
    }
}

impl End<'_> {
    /// Its name without prefix.
    pub(crate) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

impl Element<'_> {
    /// Its name without prefix.
    pub(crate) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute, by its name without prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// All attributes, by their names without prefixes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        attributes.filter_map(|attribute| {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((attribute.key.local_name().into_inner(), value))
        })
    }
}

/// The bytes of a part: UTF-8, or UTF-16 with its mark.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    UTF_8.decode(bytes).0
}

/// What `&name;` stands for, of those that every document has.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string());
    }
    let text = match &*reference.clone().into_inner() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_unescaped_and_bombs_do_not_burst() {
        let xml = "<!DOCTYPE a [<!ENTITY x \"lol\">]><a:b c:d=\"&lt;1&gt;\">A&amp;B&#x62a5;&x;<![CDATA[<C>]]><e/></a:b>";
        let mut text = String::new();
        let mut tags = Vec::new();
        for event in Xml::new(xml) {
            match event {
                Event::Start(element) => {
                    tags.push(format!("{} {:?}", element.name(), element.attribute("d")));
                }
                Event::End(end) => tags.push(format!("/{}", end.name())),
                Event::Text(piece) => text.push_str(&piece),
            }
        }
        assert_eq!(text, "A&B报<C>");
        assert_eq!(tags, ["b Some(\"<1>\")", "e None", "/e", "/b"]);
    }

    #[test]
    fn damage_is_remembered() {
        let mut xml = Xml::new("<a><b attr");
        assert_eq!(xml.by_ref().count(), 1);
        assert!(xml.is_damaged());
    }
}
