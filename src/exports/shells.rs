//! Variables in the words of a shell, of a build service and of `.env` files: one row each.

use std::fmt::Write as _;

use clap::ValueEnum;

use crate::error::{Error, Result};

/// Who reads the variables.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Shell {
    /// POSIX shells: eval "$(xcc env T)"
    Sh,
    /// fish: xcc env --shell fish T | source
    Fish,
    /// PowerShell: xcc env --shell pwsh T | Out-String | Invoke-Expression
    Pwsh,
    /// A JSON object
    Json,
    /// GitHub Actions: xcc env --shell github T >>"$GITHUB_ENV"
    Github,
    /// A .env file, as Compose and the dotenv libraries read it
    Dotenv,
}

impl Shell {
    /// # Errors
    /// Where a value has a zero byte or a line break, which these forms cannot carry.
    pub(crate) fn text(self, variables: &[(String, String)]) -> Result<String> {
        if let Some((name, _)) = variables.iter().find(|(_, value)| value.contains(['\0', '\n', '\r'])) {
            return Err(Error::message(format!("the value of {name} has a line break or a zero byte")));
        }
        if self == Shell::Json {
            let pairs = variables.iter().map(|(name, value)| (name.clone(), value.clone().into()));
            let map: serde_json::Map<String, serde_json::Value> = pairs.collect();
            return Ok(format!("{:#}\n", serde_json::Value::from(map)));
        }
        let mut text = String::new();
        for (name, value) in variables {
            let _ = match self {
                Shell::Sh => writeln!(text, "export {name}={}", shlex::try_quote(value).unwrap_or_default()),
                Shell::Fish => writeln!(text, "set -gx {name} '{}'", escaped(value, &['\\', '\''])),
                Shell::Pwsh => writeln!(text, "${{env:{name}}} = '{}'", doubled(value)),
                Shell::Dotenv => writeln!(text, "{name}=\"{}\"", escaped(value, &['\\', '"', '$'])),
                Shell::Github | Shell::Json => writeln!(text, "{name}={value}"),
            };
        }
        Ok(text)
    }
}

/// PowerShell takes each of the typographic quotes for an apostrophe, and one that is doubled for itself.
fn doubled(value: &str) -> String {
    let quote = |c| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    value.chars().flat_map(|c| std::iter::repeat_n(c, 1 + usize::from(quote(c)))).collect()
}

fn escaped(value: &str, specials: &[char]) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if specials.contains(&c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shell: Shell, value: &str) -> String {
        shell.text(&[("A".into(), value.into())]).unwrap()
    }

    #[test]
    fn posix_shells_read_back_what_was_printed() {
        let two = [("A".into(), "x y'z".into()), ("B".into(), "plain".into())];
        let words = shlex::split(&Shell::Sh.text(&two).unwrap()).unwrap();
        assert_eq!(words, ["export", "A=x y'z", "export", "B=plain"]);
    }

    #[test]
    fn each_form_quotes_as_its_reader_does() {
        let value = r#"a b'c"d$e\f"#;
        assert_eq!(text(Shell::Fish, value), "set -gx A 'a b\\'c\"d$e\\\\f'\n");
        assert_eq!(text(Shell::Pwsh, value), "${env:A} = 'a b''c\"d$e\\f'\n");
        assert_eq!(
            text(Shell::Pwsh, "it\u{2019}s \u{201c}it\u{201d}"),
            "${env:A} = 'it\u{2019}\u{2019}s \u{201c}it\u{201d}'\n"
        );
        assert_eq!(text(Shell::Dotenv, value), "A=\"a b'c\\\"d\\$e\\\\f\"\n");
        assert_eq!(text(Shell::Github, value), format!("A={value}\n"));
        let json: serde_json::Value = serde_json::from_str(&text(Shell::Json, value)).unwrap();
        assert_eq!(json["A"], value);
    }

    #[test]
    fn line_breaks_are_refused() {
        for shell in Shell::value_variants() {
            assert!(shell.text(&[("A".into(), "b\nC=d".into())]).is_err(), "{shell:?}");
        }
    }
}
