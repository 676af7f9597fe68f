//! What must not be seen. None of these has `Display` or `Serialize`, and `Debug` shows nothing.

use std::fmt;

macro_rules! secret {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes the secret.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The secret itself, for the request that needs it; never for a log.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(<redacted>)"))
            }
        }
    )*};
}

secret! {
    /// The secret of an app.
    ClientSecret;
    /// Proof of identity for the Open API, good for two hours.
    AccessToken;
    /// Admission to one WebSocket connection, good for 90 seconds and one use.
    Ticket;
    /// An address that answers a conversation without further proof, good for 90 minutes.
    SessionWebhook;
    /// Fetches a file that somebody sent; for a time that nobody documents, and by the robot that it was sent to only.
    DownloadCode;
    /// An address that gives a file to whoever asks.
    DownloadUrl;
    /// Speaks as a custom robot: the `access_token` of its address.
    CustomRobotToken;
    /// Signs what a custom robot says (`SEC…`).
    CustomRobotSecret;
    /// The value of a header that proves a right to download.
    SignatureHeader;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_shown() {
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            ClientSecret::new("hunter2"),
            AccessToken::new("hunter2"),
            Ticket::new("hunter2"),
            SessionWebhook::new("hunter2"),
            DownloadCode::new("hunter2"),
            DownloadUrl::new("hunter2"),
            SignatureHeader::new("hunter2"),
            CustomRobotToken::new("hunter2"),
            CustomRobotSecret::new("hunter2"),
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
