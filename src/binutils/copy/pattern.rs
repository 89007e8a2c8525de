//! Names as options give them: exact, or with wildcards (`*`, `?`, `[a-z]`), and `!name` for what is not meant.

#[derive(Clone, Debug, Default)]
pub(in crate::binutils) struct Patterns {
    list: Vec<Vec<u8>>,
    /// Do wildcards mean anything?
    pub(in crate::binutils) wild: bool,
}

impl Patterns {
    pub(in crate::binutils) fn wild() -> Patterns {
        Patterns { list: Vec::new(), wild: true }
    }

    pub(in crate::binutils) fn push(&mut self, name: &[u8]) {
        self.list.push(name.to_vec());
    }

    pub(in crate::binutils) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first name or pattern that none of `names` matches.
    pub(in crate::binutils) fn unmatched<'n>(&self, names: impl Iterator<Item = &'n [u8]> + Clone) -> Option<&[u8]> {
        let missing = |pattern: &&Vec<u8>| pattern[..1] != *b"!" && !names.clone().any(|name| glob(pattern, name));
        self.list.iter().filter(|pattern| !pattern.is_empty()).find(missing).map(Vec::as_slice)
    }

    pub(in crate::binutils) fn matches(&self, name: &[u8]) -> bool {
        if !self.wild {
            return self.list.iter().any(|pattern| pattern == name);
        }
        let not = |pattern: &&Vec<u8>| pattern.first() == Some(&b'!');
        let excluded = self.list.iter().filter(not).any(|pattern| glob(&pattern[1..], name));
        !excluded && self.list.iter().filter(|pattern| !not(pattern)).any(|pattern| glob(pattern, name))
    }
}

/// Does `name` match the pattern of a shell?
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    loop {
        match one(&pattern[p.min(pattern.len())..], name.get(n).copied()) {
            Step::Star => {
                star = Some((p + 1, n));
                p += 1;
            }
            Step::Matched(width) => {
                p += width;
                n += 1;
            }
            Step::End => return true,
            Step::Failed => match star {
                Some((after, from)) if from < name.len() => {
                    star = Some((after, from + 1));
                    (p, n) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}

enum Step {
    /// A star.
    Star,
    /// A character matched this many bytes of the pattern.
    Matched(usize),
    /// Both ended.
    End,
    Failed,
}

fn one(pattern: &[u8], character: Option<u8>) -> Step {
    match (pattern, character) {
        ([b'*', ..], _) => Step::Star,
        ([], None) => Step::End,
        ([], _) | (_, None) => Step::Failed,
        ([b'?', ..], _) => Step::Matched(1),
        ([b'\\', literal, ..], Some(c)) => {
            if *literal == c {
                Step::Matched(2)
            } else {
                Step::Failed
            }
        }
        ([b'[', rest @ ..], Some(c)) => match set(rest, c) {
            Some((true, width)) => Step::Matched(width + 1),
            Some((false, _)) => Step::Failed,
            None => {
                if c == b'[' {
                    Step::Matched(1)
                } else {
                    Step::Failed
                }
            }
        },
        ([literal, ..], Some(c)) => {
            if *literal == c {
                Step::Matched(1)
            } else {
                Step::Failed
            }
        }
    }
}

/// Is `c` in the set that begins here, and how long is the set with its bracket? `None` for one that never ends.
fn set(text: &[u8], c: u8) -> Option<(bool, usize)> {
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    let mut at = usize::from(negated);
    let (first, mut found) = (at, false);
    loop {
        match (text.get(at)?, text.get(at + 1), text.get(at + 2)) {
            (b']', _, _) if at > first => return Some((found != negated, at + 1)),
            (low, Some(b'-'), Some(high)) if *high != b']' => {
                found |= (*low..=*high).contains(&c);
                at += 3;
            }
            (one, _, _) => {
                found |= *one == c;
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_a_shells_do() {
        for (pattern, name, expected) in [
            (".debug*", ".debug_info", true),
            (".debug*", "x.debug", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?b", "ab", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[", "[", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
        ] {
            assert_eq!(glob(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
        let mut all = Patterns::wild();
        all.push(b"!keep");
        all.push(b"*");
        assert!(all.matches(b"other") && !all.matches(b"keep"));
    }
}
