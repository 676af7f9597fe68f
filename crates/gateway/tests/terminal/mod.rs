//! A real terminal for the real program: a pseudo-terminal that a test types into and reads from.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it"
)]

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// How long the program may take to show something.
const PATIENCE: Duration = Duration::from_secs(60);

pub const ENTER: &str = "\r";
pub const DOWN: &str = "\x1b[B";
pub const CTRL_C: &str = "\x03";

/// A terminal with a program in it.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Screen>,
    /// How much of what was shown has been looked at.
    seen: usize,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Screen {
    shown: Mutex<Shown>,
    changed: Condvar,
}

#[derive(Default)]
struct Shown {
    /// Everything, with its control sequences.
    raw: Vec<u8>,
    is_over: bool,
}

impl Screen {
    /// A test that has failed must not fail again in another thread.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Terminal {
    /// Starts a program in a terminal of so many columns, which is its controlling terminal.
    pub fn start(program: &Command, columns: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_row: 50,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let open = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true).open(&name).unwrap()
        };
        let mut command = Command::new("/usr/bin/setsid");
        command.arg("--ctty").arg(program.get_program());
        command.args(program.get_args()).env_clear();
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        if let Some(folder) = program.get_current_dir() {
            command.current_dir(folder);
        }
        command.stdin(open()).stdout(open()).stderr(open());
        let child = command.spawn().expect("setsid is there");
        let keyboard = File::from(master);
        let mut wire = keyboard.try_clone().unwrap();
        let screen = Arc::new(Screen::default());
        let writer = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading fails when the last process has left the terminal.
            while let Ok(length @ 1..) = wire.read(&mut bytes) {
                let read = bytes.get(..length).unwrap_or_default();
                writer.lock().raw.extend_from_slice(read);
                writer.changed.notify_all();
            }
            writer.lock().is_over = true;
            writer.changed.notify_all();
        });
        Self {
            child,
            keyboard,
            screen,
            seen: 0,
            reader: Some(reader),
        }
    }

    /// Waits until a text is shown behind what was waited for before.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        let seen = self.seen;
        let found = |shown: &Shown| {
            let plain = plain(&shown.raw);
            let rest: String = plain.chars().skip(seen).collect();
            let before = rest.split_once(text)?.0.chars().count();
            Some(seen + before + text.chars().count())
        };
        let screen = Arc::clone(&self.screen);
        let shown = screen.lock();
        let (shown, _) = screen
            .changed
            .wait_timeout_while(shown, PATIENCE, |shown| {
                found(shown).is_none() && !shown.is_over
            })
            .unwrap();
        match found(&shown) {
            Some(seen) => self.seen = seen,
            None => panic!("{text:?} is not shown: {}", plain(&shown.raw)),
        }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for a question, and answers it.
    #[track_caller]
    pub fn answer(&mut self, question: &str, keys: &str) {
        self.expect(question);
        self.keys(keys);
    }

    /// Waits until the program ends; its exit code.
    pub fn end(&mut self) -> i32 {
        let screen = Arc::clone(&self.screen);
        let shown = screen.lock();
        let (shown, waited) = screen
            .changed
            .wait_timeout_while(shown, PATIENCE, |shown| !shown.is_over)
            .unwrap();
        assert!(!waited.timed_out(), "it goes on: {}", plain(&shown.raw));
        drop(shown);
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.child
            .wait()
            .unwrap()
            .code()
            .expect("it ends by itself")
    }

    /// Everything that was shown, without control sequences.
    pub fn shown(&self) -> String {
        plain(&self.screen.lock().raw)
    }

    /// Everything that was shown, as it came.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().raw).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A text without the sequences that move the cursor and paint.
fn plain(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\x1b' => {
                if characters.next() == Some('[') {
                    // Up to the letter that says what the sequence does.
                    let _last = characters.find(|character| ('@'..='~').contains(character));
                }
            }
            '\r' => {}
            character => plain.push(character),
        }
    }
    plain
}
