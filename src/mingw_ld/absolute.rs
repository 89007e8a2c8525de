//! Symbols that are numbers (`--defsym=NAME=NUMBER`): lld-link has no option for them, and takes them from an object.

use crate::error::{Error, Result};

/// What COFF calls the machines of lld-link's `-machine:`.
const MACHINES: &[(&str, u16)] = &[("x64", 0x8664), ("x86", 0x014c), ("arm64", 0xaa64), ("arm", 0x01c4)];

/// `IMAGE_SYM_ABSOLUTE`: the value is no address.
const ABSOLUTE: i16 = -1;
/// `IMAGE_SYM_CLASS_EXTERNAL`.
const EXTERNAL: u8 = 2;

/// Bytes of an object's header.
const HEADER: u32 = 20;

/// A number as GNU ld's scripts write it: decimal, `0x` and `$` hexadecimal, octal with a leading zero, and multiples of
/// 1024 and its square. `None` for a symbol or an expression.
///
/// # Errors
/// A number of more than 32 bits, for which COFF has no room.
pub(super) fn number(text: &str) -> Result<Option<u32>> {
    let (digits, factor) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 1 << 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 1 << 20),
        _ => (text, 1u64),
    };
    let hexadecimal = ["0x", "0X", "$"].iter().find_map(|prefix| digits.strip_prefix(prefix));
    let octal = digits.strip_prefix('0').filter(|rest| !rest.is_empty());
    let (digits, base) = match (hexadecimal, octal) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) => (digits, 8),
        (None, None) => (digits, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return Ok(None);
    }
    let value = u64::from_str_radix(digits, base).ok().and_then(|value| value.checked_mul(factor));
    let value = value.and_then(|value| u32::try_from(value).ok()).ok_or_else(|| {
        Error::with_help(format!("'{text}' is too large for a symbol of a PE file"), "COFF has 32 bits for it")
    })?;
    Ok(Some(value))
}

/// An object that has the symbols and nothing else. Its bytes depend on them alone.
pub(super) fn object(machine: &str, symbols: &[(String, u32)]) -> Vec<u8> {
    let machine = MACHINES.iter().find(|row| row.0 == machine).map_or(0, |row| row.1);
    let mut bytes = Vec::with_capacity(64 + 32 * symbols.len());
    bytes.extend(machine.to_le_bytes());
    // No sections, no date.
    bytes.extend([0; 6]);
    bytes.extend(HEADER.to_le_bytes());
    bytes.extend((symbols.len() as u32).to_le_bytes());
    bytes.extend([0; 4]);
    let mut strings = Vec::new();
    for (name, value) in symbols {
        // All names in the table of strings, which begins with its own size.
        bytes.extend(0u32.to_le_bytes());
        bytes.extend((strings.len() as u32 + 4).to_le_bytes());
        strings.extend(name.as_bytes());
        strings.push(0);
        bytes.extend(value.to_le_bytes());
        bytes.extend(ABSOLUTE.to_le_bytes());
        bytes.extend([0, 0, EXTERNAL, 0]);
    }
    bytes.extend((strings.len() as u32 + 4).to_le_bytes());
    bytes.extend(strings);
    bytes
}

#[cfg(test)]
mod tests {
    use object::read::coff::CoffSymbol;
    use object::{LittleEndian as LE, Object, ObjectSymbol};

    use super::*;

    #[test]
    fn numbers_are_gnu_lds() {
        for (text, value) in
            [("0", 0), ("12", 12), ("0x1F", 31), ("$1f", 31), ("017", 15), ("2K", 2048), ("1m", 1 << 20)]
        {
            assert_eq!(number(text).unwrap(), Some(value), "{text}");
        }
        for text in ["main", "", "0x", "08", "1+2", "K", "12abc"] {
            assert_eq!(number(text).unwrap(), None, "{text}");
        }
        assert!(number("0x100000000").is_err() && number("99999999999999999999999").is_err());
    }

    #[test]
    fn the_object_has_the_symbols() {
        for (machine, _) in MACHINES {
            let bytes = object(machine, &[("a_name_of_some_length".into(), 7), ("b".into(), 0xffff_ffff)]);
            let file = object::read::coff::CoffFile::<&[u8]>::parse(&*bytes).unwrap();
            let value = |symbol: &CoffSymbol<'_, '_>| symbol.coff_symbol().value.get(LE);
            let found: Vec<_> = file.symbols().map(|symbol| (symbol.name().unwrap(), value(&symbol))).collect();
            assert_eq!(found, [("a_name_of_some_length", 7), ("b", 0xffff_ffff)], "{machine}");
            let is_number = |symbol: CoffSymbol<'_, '_>| symbol.coff_symbol().section_number.get(LE) == ABSOLUTE as u16;
            assert!(file.symbols().all(|symbol| symbol.is_global() && is_number(symbol)), "{machine}");
        }
    }
}
