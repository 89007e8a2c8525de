//! The table at the end: one line for each cell, in the order of the plan.

use super::cell::{Outcome, Step};
use crate::terminal::{self, Ink, Style, WIDTH};

const HEAD: [&str; 8] = ["target", "built", "inspected", "ran", "needs", "size", "time", "file"];

/// Words in front, numbers behind.
const NUMBERS: [usize; 2] = [5, 6];

/// Names of files are long, and in `checksums.txt` too: on a terminal they are shown where they fit.
pub(super) fn text(outcomes: &[Outcome], style: Style, terminal: bool) -> String {
    let rows: Vec<[String; 8]> = std::iter::once(HEAD.map(str::to_owned)).chain(outcomes.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    if terminal && widths.iter().map(|width| width + 2).sum::<usize>() - 2 > WIDTH {
        widths.pop();
    }
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let padded = if NUMBERS.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
            match cell.as_str() {
                _ if at == 0 => style.paint(Ink::Title, &padded),
                FAILED => style.paint(Ink::Bad, &padded),
                _ => padded,
            }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

const FAILED: &str = "FAILED";

fn word(step: Step) -> &'static str {
    match step {
        Step::No => "-",
        Step::Cannot => "not here",
        Step::Kept => "kept",
        Step::Ok => "yes",
        Step::Failed => FAILED,
    }
}

fn row(outcome: &Outcome) -> [String; 8] {
    let failed = outcome.failure.is_some();
    let steps = [outcome.built, outcome.inspected, outcome.ran];
    // What fails before or behind the three is the build's.
    let built = if failed && !steps.contains(&Step::Failed) { Step::Failed } else { outcome.built };
    let file = outcome.files.first().and_then(|file| file.file_name()).filter(|_| !failed);
    [
        outcome.label.clone(),
        word(built).to_owned(),
        word(outcome.inspected).to_owned(),
        word(outcome.ran).to_owned(),
        outcome.needs.clone(),
        if failed { "-".to_owned() } else { terminal::size(outcome.size) },
        format!("{:.1} s", outcome.took.as_secs_f32()),
        file.map_or_else(|| "-".to_owned(), |file| file.to_string_lossy().into_owned()),
    ]
}
