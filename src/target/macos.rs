//! Versions of macOS: the oldest that a program shall run on, in the spellings of clang's triples.

use std::fmt;

/// The first two numbers of a version; Apple's tools write the third as well, which no program depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u16,
    pub(crate) minor: u16,
}

impl Version {
    /// Reads `11`, `11.0` or `10.15.7`.
    pub(crate) fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.split('.').map(|number| {
            let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            number.parse().ok().filter(|_| is_number)
        });
        let major = numbers.next()??;
        let minor = numbers.next().unwrap_or(Some(0))?;
        let patch: Option<u16> = numbers.next().unwrap_or(Some(0));
        (patch.is_some() && numbers.next().is_none() && major >= 10).then_some(Version { major, minor })
    }

    /// The macOS of a kernel's version, by the rule of LLVM's `Triple::getMacOSXVersion`.
    fn of_darwin(major: u16) -> Option<Version> {
        match major {
            0..9 => None,
            9..20 => Some(Version { major: 10, minor: major - 4 }),
            20..25 => Some(Version { major: major - 9, minor: 0 }),
            25.. => Some(Version { major: major + 1, minor: 0 }),
        }
    }

    /// The kernel that came with it, by the same rule.
    pub(crate) fn darwin(self) -> u16 {
        match self.major {
            ..11 => self.minor + 4,
            11..16 => self.major + 9,
            16.. => self.major - 1,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The oldest that there is for a target: the first macOS on Apple's processors, and the first that ran x86-64 programs
/// with the load commands of today.
pub(crate) fn oldest(name: &str) -> Version {
    if !name.starts_with("x86_64") { Version { major: 11, minor: 0 } } else { Version { major: 10, minor: 6 } }
}

/// Takes the version out of a spelling of a target of macOS: `arm64-apple-macosx11.0.0`, `x86_64-apple-darwin20`,
/// `aarch64-macos.11.0`. `None` where the spelling is not macOS's; the inner `None` where the version is none.
pub(crate) fn split(dashed: &str) -> Option<(String, Option<Option<Version>>)> {
    const SYSTEMS: [&str; 4] = ["darwin", "macosx", "macos", "osx"];
    let (at, system) = dashed.split('-').enumerate().find_map(|(at, field)| {
        Some((
            at,
            *SYSTEMS.iter().find(|system| {
                field.strip_prefix(**system).is_some_and(|rest| {
                    rest.is_empty() || rest.starts_with(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                })
            })?,
        ))
    })?;
    let fields: Vec<&str> = dashed.split('-').collect();
    let version = fields[at].strip_prefix(system).unwrap_or("");
    let base: Vec<&str> = fields.iter().enumerate().map(|(i, field)| if i == at { system } else { field }).collect();
    let base = base.join("-");
    if version.is_empty() {
        return Some((base, None));
    }
    let number = version.strip_prefix('.').unwrap_or(version);
    let parsed = if system == "darwin" && !version.starts_with('.') {
        number.split('.').next().and_then(|major| major.parse().ok()).and_then(Version::of_darwin)
    } else {
        Version::parse(number)
    };
    Some((base, Some(parsed)))
}

/// Both of macOS's processors in one file.
pub(super) const UNIVERSAL: &str = "universal-macos";
/// The targets of the two.
pub(super) const HALVES: [&str; 2] = ["aarch64-macos", "x86_64-macos"];
/// What makes a compiler compile for both.
pub(crate) const BOTH: [&str; 4] = ["-arch", "arm64", "-arch", "x86_64"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_two_numbers() {
        assert_eq!(Version::parse("10.15.7"), Some(Version { major: 10, minor: 15 }));
        assert_eq!(Version::parse("11"), Some(Version { major: 11, minor: 0 }));
        for text in ["", "x", "11.", "11.0.0.0", "+11", "9.0", "11.x", "11.0.x"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version { major: 10, minor: 12 }.to_string(), "10.12");
        for (darwin, version) in [(9, "10.5"), (16, "10.12"), (20, "11.0"), (24, "15.0"), (25, "26.0")] {
            assert_eq!(Version::of_darwin(darwin).unwrap().to_string(), version);
            assert_eq!(Version::parse(version).unwrap().darwin(), darwin);
        }
    }

    #[test]
    fn only_names_of_macos_are_split() {
        assert_eq!(split("aarch64-linux-gnu.2.17"), None);
        assert_eq!(split("x86_64-darwinia"), None);
        assert_eq!(split("aarch64-macos.x"), Some(("aarch64-macos".into(), Some(None))));
    }
}
