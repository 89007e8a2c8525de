//! `--require`: clauses that a file must meet. The table of them is in `require/table.rs`.
//!
//! A clause that a file leaves open does not hold: "not recorded" is a reason to fail, never to pass. A clause that has no
//! meaning for a format is an error, so that a misspelt gate does not pass either.

mod levels;
mod table;

use super::report::{File, Image, Verdict};
use crate::error::{Error, Result};
use table::{CLAUSES, Kinds, Row};

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    /// The name alone.
    Alone,
    Is,
    AtMost,
    Below,
}

/// Longest first: `<` begins `<=`.
const OPERATORS: &[(&str, Operator)] = &[("<=", Operator::AtMost), ("<", Operator::Below), ("=", Operator::Is)];

/// A parsed clause.
pub(crate) struct Clause {
    text: String,
    row: &'static Row,
    operator: Operator,
    value: String,
}

/// What came of a clause for one image: in words, whether it holds.
pub(super) type Outcome = std::result::Result<String, String>;

/// The clauses of a list with commas between them.
///
/// # Errors
/// A clause that is not in the table, that lacks its value, or whose value can be no one's.
pub(crate) fn parse(list: &str) -> Result<Vec<Clause>> {
    list.split(',').map(str::trim).filter(|text| !text.is_empty()).map(clause).collect()
}

fn clause(text: &str) -> Result<Clause> {
    let at = text.find(['<', '=', '>', '!']).unwrap_or(text.len());
    let (name, rest) = (text[..at].trim_end(), &text[at..]);
    let help = || {
        let names: Vec<&str> = CLAUSES.iter().map(|row| row.name).collect();
        format!("the clauses are {}; 'xcc inspect --help' says what they mean", names.join(", "))
    };
    let row = CLAUSES.iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| Error::with_help(format!("unknown requirement '{text}'"), help()))?;
    let (operator, value) = match OPERATORS.iter().find(|(spelling, _)| rest.starts_with(spelling)) {
        Some((spelling, operator)) => (*operator, rest[spelling.len()..].trim()),
        None if rest.is_empty() => (Operator::Alone, ""),
        None => return Err(Error::with_help(format!("unknown operator in requirement '{text}'"), row.usage())),
    };
    let allowed = row.operators.contains(&operator) && (operator == Operator::Alone || !value.is_empty());
    if !allowed {
        return Err(Error::with_help(
            format!("requirement '{text}' is not of the form that '{name}' has"),
            row.usage(),
        ));
    }
    if let Some(wrong) = (row.value_error)(value).filter(|_| operator != Operator::Alone) {
        return Err(Error::with_help(format!("cannot use the value of requirement '{text}': {wrong}"), row.usage()));
    }
    Ok(Clause { text: text.to_owned(), row, operator, value: value.to_owned() })
}

impl Row {
    fn usage(&self) -> String {
        let words = self.operators.iter().map(|operator| {
            let spelling = OPERATORS.iter().find(|row| row.1 == *operator).map_or("", |row| row.0);
            if *operator == Operator::Alone {
                format!("'{}'", self.name)
            } else {
                format!("'{}{spelling}{}'", self.name, self.value)
            }
        });
        format!("write {}: {}", words.collect::<Vec<_>>().join(" or "), self.meaning)
    }

    /// Why the clause says nothing about the image; `None` where it does.
    fn mismatch(&self, file: &File, image: &Image) -> Option<String> {
        let kind = image.kind;
        let of_format = self.formats.is_empty() || self.formats.contains(&image.format);
        let in_container =
            file.container.is_some_and(|container| self.formats.contains(&container.trim_start_matches("thin ")));
        let of_kind = match self.kinds {
            Kinds::Any => true,
            Kinds::Linked => ["executable", "shared library", "bundle", "kernel module", "module"].contains(&kind),
        };
        match (of_format || in_container, of_kind) {
            (true, true) => None,
            (false, _) => Some(format!("it is for {}, not {}", self.formats.join(", "), image.format)),
            (true, false) => Some(format!("it is for linked programs and libraries; this is of the kind {kind}")),
        }
    }
}

/// Every clause for a file: it must hold for each slice and each member.
///
/// # Errors
/// A clause that has no meaning for the file.
pub(crate) fn check(clauses: &[Clause], file: &File) -> Result<Vec<Verdict>> {
    clauses.iter().map(|clause| verdict(clause, file)).collect()
}

fn verdict(clause: &Clause, file: &File) -> Result<Verdict> {
    let open = |why: String| {
        let text = format!("'{}': requirement '{}' cannot be decided: {why}", file.path, clause.text);
        Error::with_help(text, clause.row.usage())
    };
    if let Some(outcome) = clause.row.whole.and_then(|whole| whole(file, &clause.value)) {
        return Ok(clause.say(outcome));
    }
    if file.images.is_empty() {
        return Err(open("there is no object in the archive".into()));
    }
    let (mut failing, mut holding) = (Vec::new(), String::new());
    for image in &file.images {
        if let Some(why) = clause.row.mismatch(file, image) {
            return Err(open(why));
        }
        match (clause.row.check)(image, clause.operator, &clause.value) {
            Ok(found) => holding = found,
            Err(found) => failing.push(match &image.part {
                Some(part) => format!("{part}: {found}"),
                None => found,
            }),
        }
    }
    const SHOWN: usize = 3;
    Ok(clause.say(match failing.len() {
        0 => Ok(holding),
        count if count > SHOWN => Err(format!("{} (+{} more)", failing[..SHOWN].join("; "), count - SHOWN)),
        _ => Err(failing.join("; ")),
    }))
}

impl Clause {
    fn say(&self, outcome: Outcome) -> Verdict {
        let holds = outcome.is_ok();
        let found = outcome.unwrap_or_else(|found| found);
        Verdict { clause: self.text.clone(), holds, found }
    }
}

/// The table, for `xcc inspect --help`.
pub(crate) fn help() -> String {
    let mut text = String::from("Clauses of --require, all of which must hold:\n");
    for row in CLAUSES {
        let mut spellings = row.operators.iter().map(|operator| {
            let spelling = OPERATORS.iter().find(|row| row.1 == *operator).map_or("", |row| row.0);
            if *operator == Operator::Alone {
                row.name.to_owned()
            } else {
                format!("{}{spelling}{}", row.name, row.value)
            }
        });
        let first = spellings.next().unwrap_or_default();
        let formats = if row.formats.is_empty() { String::new() } else { format!(" ({})", row.formats.join(", ")) };
        text.push_str(&format!("  {first:<22} {}{formats}\n", row.meaning));
        for other in spellings {
            text.push_str(&format!("  {other}\n"));
        }
    }
    text.push_str(
        "Exit status: 0 all hold, 1 one fails,\n  2 a file cannot be read or a clause has no meaning for it.",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_sorted_and_say_what_they_mean() {
        for pair in CLAUSES.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} can't precede {}", pair[0].name, pair[1].name);
        }
        for line in help().lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn unknown_and_malformed_clauses_are_errors() {
        for text in [
            "glibc",
            "glibc=2.17",
            "glibc<=",
            "glibc<=abc",
            "static=1",
            "glibbc<=2.17",
            "arch",
            "arch<=x86_64",
            "cpu<=pentium",
            "exports=many",
            "relro=some",
            "glibc>=2.17",
            "arch!=x86",
            "subsystem=windows",
            "=x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("glibc<=2.17, static,arch=aarch64,no-host-paths").unwrap().len(), 4);
    }

    #[test]
    fn what_is_not_recorded_does_not_hold() {
        let image = Image { format: "elf", kind: "executable", arch: Some("x86_64".into()), ..Image::default() };
        let file = File { path: "x".into(), images: vec![image], ..File::default() };
        for text in ["cpu<=x86-64-v4", "os=linux", "nx", "build-id", "stack-protector"] {
            let verdicts = check(&parse(text).unwrap(), &file).unwrap_or_default();
            assert!(verdicts.iter().all(|verdict| !verdict.holds) && !verdicts.is_empty(), "{text}");
        }
        assert!(check(&parse("subsystem=gui").unwrap(), &file).is_err());
    }
}
