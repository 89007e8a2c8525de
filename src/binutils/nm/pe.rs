//! nm's rows of COFF's symbol tables. Images have no other table: what a DLL exports, `objdump -p` shows.

use super::{Row, Rows, Settings, Sort};
use crate::binutils::pe::Pe;
use crate::binutils::pe::symbols::{Place, Symbol};

pub(super) fn rows(pe: &Pe<'_>, settings: &Settings) -> Rows {
    let mut rows = Vec::new();
    if settings.dynamic {
        return Rows { rows, any: false, width: pe.digits() };
    }
    let sizes = if settings.sort == Sort::Size { sizes(pe) } else { vec![0; pe.symbols.len()] };
    for (symbol, size) in pe.symbols.iter().zip(sizes).filter(|(symbol, _)| wanted(symbol, settings)) {
        let place = symbol.place();
        let name = String::from_utf8_lossy(&symbol.name).into_owned();
        rows.push(Row {
            lead: name.len() - pe.plain(&name, settings.style).len(),
            name,
            version: String::new(),
            value: symbol.address(pe),
            size,
            letter: symbol.letter(pe),
            undefined: symbol.is_undefined(),
            kind: if symbol.is_function() { "Function" } else { "None" }.into(),
            section: match place {
                Place::Undefined if symbol.is_section_class() => String::from_utf8_lossy(&symbol.name).into_owned(),
                Place::Undefined => "*UND*".into(),
                Place::Absolute => "*ABS*".into(),
                Place::Common => "*COM*".into(),
                Place::Debug => "*DEBUG*".into(),
                Place::Section(index) => pe.sections.get(index).map_or(String::new(), |s| s.text().into_owned()),
            },
        });
    }
    Rows { rows, any: !pe.symbols.is_empty(), width: pe.digits() }
}

fn wanted(symbol: &Symbol<'_>, settings: &Settings) -> bool {
    let undefined = symbol.is_undefined();
    let external = symbol.is_external() || undefined;
    !(symbol.is_debugging() && !settings.all
        || settings.external && !external
        || settings.undefined && !undefined
        || settings.defined && undefined
        || settings.no_weak && symbol.is_weak())
}

/// COFF has no sizes: a symbol ends where the next one of its section begins, or the section does.
fn sizes(pe: &Pe<'_>) -> Vec<u64> {
    let address = |symbol: &Symbol<'_>| (symbol.section, symbol.address(pe));
    let mut order: Vec<usize> = (0..pe.symbols.len()).filter(|at| !pe.symbols[*at].is_debugging()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&pe.symbols[*a], &pe.symbols[*b]);
        address(a).cmp(&address(b)).then_with(|| a.name.cmp(&b.name))
    });
    let mut sizes = vec![0; pe.symbols.len()];
    for (at, index) in order.iter().enumerate() {
        let symbol = &pe.symbols[*index];
        let Some(section) = symbol.section(pe) else {
            sizes[*index] = if symbol.place() == Place::Common { symbol.value.into() } else { 0 };
            continue;
        };
        let next = order.get(at + 1).map(|next| &pe.symbols[*next]).filter(|next| next.section == symbol.section);
        let end = match next {
            Some(next) => next.value,
            None => section.shown_size(pe.form).max(section.virtual_size),
        };
        sizes[*index] = end.saturating_sub(symbol.value).into();
    }
    sizes
}
