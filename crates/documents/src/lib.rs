//! Bytes of an attachment in, text out. Holds nothing yet: until attachments are read, a message shows a placeholder in
//! their place.
