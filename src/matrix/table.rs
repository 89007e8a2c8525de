//! The table at the end: one line for each cell, in the order of the plan.

use super::cell::{Outcome, Step};
use crate::terminal::{self, Ink, Style, WIDTH};

const HEAD: [&str; 9] = ["target", "built", "signed", "inspected", "ran", "needs", "size", "time", "file"];

/// Where nothing signs, it is not there.
const SIGNED: usize = 2;

/// Words in front, numbers behind.
const NUMBERS: [usize; 2] = [6, 7];

/// Columns that a terminal does without where a line would be too long, in this order.
const SPARE: &[(usize, &str)] = &[
    (8, "names of files are long, and in 'checksums.txt' too"),
    (7, "how long it took matters least of what is left"),
    (6, "the file tells its size"),
    (5, "'xcc inspect' tells what the file needs"),
];

/// On a terminal no line is longer than [`WIDTH`]: columns go in the order of [`SPARE`], then targets are shortened.
pub(super) fn text(outcomes: &[Outcome], style: Style, terminal: bool) -> String {
    let mut rows: Vec<[String; 9]> = std::iter::once(HEAD.map(str::to_owned)).chain(outcomes.iter().map(row)).collect();
    let signs = outcomes.iter().any(|outcome| outcome.signed != Step::No);
    let mut columns: Vec<usize> = (0..HEAD.len()).filter(|column| *column != SIGNED || signs).collect();
    let width =
        |rows: &[[String; 9]], column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let total = |rows: &[[String; 9]], columns: &[usize]| {
        columns.iter().map(|column| width(rows, *column) + GAP.len()).sum::<usize>() - GAP.len()
    };
    if terminal {
        for (spare, _) in SPARE {
            if total(&rows, &columns) > WIDTH {
                columns.retain(|column| column != spare);
            }
        }
        let over = total(&rows, &columns).saturating_sub(WIDTH);
        let longest = width(&rows, 0) - over;
        rows.iter_mut().for_each(|row| row[0] = shortened(&row[0], longest, style));
    }
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells = columns.iter().map(|column| {
            let (cell, width) = (&row[*column], width(&rows, *column));
            let padded = if NUMBERS.contains(column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            match cell.as_str() {
                _ if at == 0 => style.paint(Ink::Title, &padded),
                FAILED => style.paint(Ink::Bad, &padded),
                _ => padded,
            }
        });
        text.push_str(cells.collect::<Vec<_>>().join(GAP).trim_end());
        text.push('\n');
    }
    if outcomes.iter().any(|outcome| outcome.ran == Step::NotAsked) {
        text.push_str(HINT);
    }
    text
}

/// Nothing of another machine is started unasked: a program without arguments may serve, wait for input or change files.
const HINT: &str = "not run: --run starts each program that can run here; --run=ARGUMENTS with these\n";

const GAP: &str = "  ";

/// The end stays: libc and ABI are there.
fn shortened(text: &str, longest: usize, style: Style) -> String {
    let count = text.chars().count();
    if count <= longest {
        return text.to_owned();
    }
    let dots = if style.utf8 { "…" } else { "..." };
    let kept = longest.saturating_sub(dots.chars().count());
    dots.chars().chain(text.chars().skip(count - kept)).collect()
}

const FAILED: &str = "FAILED";

fn word(step: Step) -> &'static str {
    match step {
        Step::No => "-",
        Step::NotAsked => "not run",
        Step::Cannot => "not here",
        Step::Kept => "kept",
        Step::Ok => "yes",
        Step::Failed => FAILED,
    }
}

fn row(outcome: &Outcome) -> [String; 9] {
    let failed = outcome.failure.is_some();
    let steps = [outcome.built, outcome.signed, outcome.inspected, outcome.ran];
    // What fails before or behind these is the build's.
    let built = if failed && !steps.contains(&Step::Failed) { Step::Failed } else { outcome.built };
    let file = outcome.files.first().and_then(|file| file.file_name()).filter(|_| !failed);
    [
        outcome.label.clone(),
        word(built).to_owned(),
        word(outcome.signed).to_owned(),
        word(outcome.inspected).to_owned(),
        word(outcome.ran).to_owned(),
        outcome.needs.clone(),
        if failed { "-".to_owned() } else { terminal::size(outcome.size) },
        format!("{:.1} s", outcome.took.as_secs_f32()),
        file.map_or_else(|| "-".to_owned(), |file| file.to_string_lossy().into_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    fn outcome(label: &str, needs: &str) -> Outcome {
        Outcome {
            label: label.to_owned(),
            failure: None,
            unable: None,
            files: vec![PathBuf::from(format!("dist/app_{}", label.replace('/', "_")))],
            signatures: Vec::new(),
            size: 7_272_000,
            took: Duration::from_millis(12_345),
            environment: Vec::new(),
            needs: needs.to_owned(),
            built: Step::Ok,
            signed: Step::No,
            inspected: Step::Ok,
            ran: Step::Cannot,
            log: PathBuf::new(),
        }
    }

    fn head(outcomes: &[Outcome], terminal: bool) -> String {
        let text = text(outcomes, Style::default(), terminal);
        let longest = text.lines().map(str::len).max().unwrap_or(0);
        assert!(!terminal || longest <= WIDTH, "{longest}\n{text}");
        text.lines().next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_nobody_asked_for_says_how_to_ask() {
        let asked = text(&[outcome("linux/amd64", "static")], Style::default(), true);
        assert!(!asked.contains("not run"), "{asked}");
        let not_asked = Outcome { ran: Step::NotAsked, ..outcome("linux/amd64", "static") };
        let text = text(&[outcome("linux/arm64", "static"), not_asked], Style::default(), true);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].contains("  not here  ") && lines[2].contains("  not run "), "{text}");
        assert!(lines[3].starts_with("not run: --run ") && lines[3].len() <= WIDTH, "{text}");
    }

    #[test]
    fn a_table_fits_a_terminal() {
        let all = HEAD.join(" ").replace(" signed", "");
        assert_eq!(head(&[outcome("linux/amd64", "static")], true), all);
        let signed = Outcome { signed: Step::Ok, ..outcome("linux/amd64", "static") };
        assert_eq!(head(&[signed], false), HEAD.join(" "));
        let armv7 = [outcome("armv7-unknown-linux-gnueabihf", "glibc 2.28")];
        assert_eq!(head(&armv7, false), all, "a file may have lines of any length");
        assert_eq!(head(&armv7, true), "target built inspected ran needs size");
        let longer = [outcome("armv7-unknown-linux-gnueabihf-of-someone", "glibc 2.28")];
        assert_eq!(head(&longer, true), "target built inspected ran needs");
        let longer = [outcome("armv7-unknown-linux-gnueabihf-of-someone-else-entirely", "glibc 2.28")];
        assert_eq!(head(&longer, true), "target built inspected ran");
        let endless = [outcome(&format!("{}-gnu", "a".repeat(200)), "-"), outcome("linux/amd64", "-")];
        assert_eq!(head(&endless, true), "target built inspected ran");
        for (utf8, start) in [(true, "…aa"), (false, "...aa")] {
            let text = text(&endless, Style { colour: false, utf8 }, true);
            let row = text.lines().nth(1).unwrap();
            assert!(row.starts_with(start) && row.contains("-gnu  yes") && row.chars().count() <= WIDTH, "{text}");
            assert!(text.lines().nth(2).unwrap().starts_with("linux/amd64  "), "{text}");
        }
    }
}
