//! The form of the table of codes: what each entry becomes.

macro_rules! codes {
    ($($name:ident = $number:literal, $exit:ident {
        $title_zh:literal / $title_en:literal;
        $cause_zh:literal / $cause_en:literal;
        $fix_zh:literal / $fix_en:literal;
    })*) => {
        /// The identity of a failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title_en] $name,)*
        }

        impl Code {
            /// Every code, in ascending order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number behind `CHELA-`.
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number,)* }
            }

            /// How a command ends that fails with this code.
            pub const fn exit(self) -> Exit {
                match self { $(Self::$name => Exit::$exit,)* }
            }

            /// The code that is written so, as in `CHELA-3001`.
            pub fn parse(text: &str) -> Option<Self> {
                let number: u16 = text.strip_prefix("CHELA-")?.parse().ok()?;
                Self::ALL.iter().copied().find(|code| code.number() == number)
            }

            /// What the code means.
            pub const fn explanation(self) -> Explanation {
                match self {
                    $(Self::$name => Explanation {
                        title: Text::new($title_zh, $title_en),
                        cause: Text::new($cause_zh, $cause_en),
                        fix: Text::new($fix_zh, $fix_en),
                    },)*
                }
            }
        }
    };
}
