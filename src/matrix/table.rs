//! The table at the end: one line for each cell, in the order of the plan.

use super::cell::{Outcome, Ran};

pub(super) fn text(outcomes: &[Outcome]) -> String {
    let rows: Vec<[String; 7]> =
        std::iter::once(["target", "built", "ran", "needs", "size", "time", "file"].map(str::to_owned))
            .chain(outcomes.iter().map(row))
            .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            4 | 5 => format!("{cell:>width$}"),
            _ => format!("{cell:<width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn row(outcome: &Outcome) -> [String; 7] {
    let built = outcome.failure.is_none();
    let ran = match outcome.ran {
        Ran::NotAsked => "-",
        Ran::Cannot => "cannot here",
        Ran::Ok => "yes",
    };
    let file = outcome.files.first().and_then(|file| file.file_name());
    [
        outcome.label.clone(),
        if built { "yes" } else { "FAILED" }.to_owned(),
        ran.to_owned(),
        outcome.needs.clone(),
        if built { format!("{:.1} MB", outcome.size as f64 / 1e6) } else { "-".to_owned() },
        format!("{:.1} s", outcome.took.as_secs_f32()),
        file.map_or_else(|| "-".to_owned(), |file| file.to_string_lossy().into_owned()),
    ]
}
