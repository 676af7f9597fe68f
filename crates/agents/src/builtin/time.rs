//! `time`: what time it is, here or elsewhere.

use std::sync::Arc;

use chela_engine::ports::Clock;
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::tool::{Call, Definition, Effect, Output, Provenance, Tool};

/// Tells the time.
pub struct Time {
    definition: Definition,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
}

impl Time {
    /// Tells the time of a clock, in a zone unless another is asked for.
    pub fn new(clock: Arc<dyn Clock>, zone: TimeZone) -> Self {
        let definition = Definition {
            name: "time".to_owned(),
            description: "Current date, time and weekday.".to_owned(),
            schema: json!({
                "type": "object",
                "properties": {
                    "zone": { "type": "string", "description": "IANA name such as Europe/Berlin; default: the user's" },
                },
            }),
            effect: Effect::Read,
            carries: None,
        };
        Self {
            definition,
            clock,
            zone,
        }
    }

    fn tell(&self, zone: &str) -> Output {
        let zone = match zone {
            "" => self.zone.clone(),
            name => match TimeZone::get(name) {
                Ok(zone) => zone,
                Err(_) => {
                    return Output::failed(format!("`{name}` is not the name of a time zone"));
                }
            },
        };
        let Ok(now) = jiff::Timestamp::from_millisecond(self.clock.now().0) else {
            return Output::failed("the clock of this machine is wrong");
        };
        let now = now.to_zoned(zone);
        Output::new(
            now.strftime("%Y-%m-%d %H:%M:%S %A (%Q, UTC%:z)")
                .to_string(),
            Provenance::Gateway,
        )
    }
}

impl Tool for Time {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn call(&self, call: Call) -> BoxFuture<'static, Output> {
        future::ready(self.tell(call.text("zone").trim())).boxed()
    }
}
