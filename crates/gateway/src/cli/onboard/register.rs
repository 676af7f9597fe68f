//! A new bot by QR code: somebody scans it, and DingTalk makes an app (protocol reference §8).

use std::io::IsTerminal as _;
use std::time::Duration;

use dingtalk::registration::{Answer, DEFAULT_SOURCE, Invitation};
use rustix::termios::tcgetwinsize;
use tokio::time::{Instant, sleep};
use url::Url;

use super::asker::has_colours;
use super::flow::Flow;
use crate::catalogue::{Code, Failure, onboard as words};
use crate::cli::arguments::BotArguments;
use crate::config::{defaults, variable};
use crate::onboard::code;
use crate::outward::Outward;
use crate::secret::Secret;
use crate::wire;

/// For how long failures are waited out before it is given up (protocol reference §8).
const TROUBLE: Duration = Duration::from_secs(120);
/// Columns where the terminal does not tell.
const COLUMNS: usize = 80;

impl Flow<'_> {
    /// Shows the code and waits until somebody has decided.
    pub(super) fn register(&mut self, given: &BotArguments) -> Result<(String, Secret), Failure> {
        let environment = &self.context.environment;
        let source = given
            .registration_source
            .as_deref()
            .or(environment.get(variable::REGISTRATION_SOURCE))
            .unwrap_or(DEFAULT_SOURCE)
            .to_owned();
        let address = self.registration_address(given)?;
        let network = self.planned()?.config.network;
        let outward = self.wait(Outward::prepare(&network))??;
        let registration = wire::registration(address, &outward)?;
        let invited = self.wait(registration.invite(&source))?;
        let invitation = invited.map_err(|error| wire::failure(&error))?;
        self.show(&invitation)?;
        let waited = self.wait(async {
            let begin = Instant::now();
            let mut trouble_since = None;
            loop {
                sleep(invitation.interval).await;
                let answer = registration.ask(&invitation).await;
                if begin.elapsed() > invitation.expires_in {
                    return Err(Failure::new(Code::CodeExpired));
                }
                match answer {
                    Ok(Answer::Granted(credentials)) => return Ok(credentials),
                    Ok(Answer::Waiting) => trouble_since = None,
                    Ok(Answer::Expired) => return Err(Failure::new(Code::CodeExpired)),
                    Ok(Answer::Refused(reason)) => {
                        let message = words::declined(&reason);
                        return Err(Failure::new(Code::CodeDeclined).message(message));
                    }
                    Err(error) => {
                        let since = *trouble_since.get_or_insert_with(Instant::now);
                        if !error.is_retryable() || since.elapsed() > TROUBLE {
                            return Err(wire::failure(&error));
                        }
                    }
                }
            }
        })?;
        let credentials = waited?;
        let client_id = credentials.client_id.as_str().to_owned();
        self.say(words::granted(&client_id))?;
        Ok((client_id, Secret::new(credentials.client_secret.expose())))
    }

    fn registration_address(&self, given: &BotArguments) -> Result<Url, Failure> {
        let environment = &self.context.environment;
        let given = given.oapi_endpoint.as_deref().or(given.endpoint.as_deref());
        let address = given
            .or(environment.get(variable::REGISTRATION_BASE_URL))
            .unwrap_or(defaults::OAPI_ENDPOINT);
        let url = Url::parse(address).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| Failure::new(Code::Usage).message(words::no_address(address)))
    }

    fn show(&self, invitation: &Invitation) -> Result<(), Failure> {
        self.say(words::SCAN)?;
        let colours = has_colours(self.context) && std::io::stdout().is_terminal();
        let columns = tcgetwinsize(std::io::stdout()).map_or(COLUMNS, |size| size.ws_col.into());
        let columns = if columns == 0 { COLUMNS } else { columns };
        match code(&invitation.address, columns, colours) {
            Some(lines) => {
                for line in lines {
                    self.context.output.line(&line)?;
                }
                if !colours {
                    self.say(words::INVERTED)?;
                }
            }
            None => self.say(words::TOO_NARROW)?,
        }
        self.say(words::address(&invitation.address, &invitation.user_code))?;
        let minutes = invitation.expires_in.as_secs() / 60;
        self.say(words::waiting_for_scan(minutes))
    }
}
