//! objdump's `-p` of x86_64: the functions of `.pdata`, and how each is unwound.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use object::pe;

use crate::binutils::pe::{Pe, Section, u16_at, u32_at};

/// Where linkers put what `.pdata` points at, in the order in which GNU's objdump looks.
const HOLDERS: [&[u8]; 5] = [b".rdata", b".data", b".xdata", b".pdata", b".text"];

const REGISTERS: [&str; 16] =
    ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

/// One row of `.pdata`, in relative addresses.
#[derive(Clone, Copy)]
struct Function {
    begin: u32,
    end: u32,
    unwind: u32,
}

const ROW: usize = 12;

/// Bytes of handlers' data that are shown of one file: a broken one has them over and over.
const MOST: usize = 1 << 24;

impl Function {
    /// `None` at the padding behind the last.
    fn read(row: &[u8]) -> Option<Function> {
        let function = Function { begin: u32_at(row, 0)?, end: u32_at(row, 4)?, unwind: u32_at(row, 8)? };
        (function.begin | function.end | function.unwind != 0).then_some(function)
    }

    /// It is unwound as another row says.
    fn is_chained(self) -> bool {
        self.unwind & 1 != 0
    }
}

pub(super) fn all(text: &mut String, pe: &Pe<'_>) {
    // An object has a section for each function that may be left out.
    let is_one =
        |section: &&Section<'_>| section.name.starts_with(b".pdata") && !section.shown_data(pe.form).is_empty();
    if pe.machine == pe::IMAGE_FILE_MACHINE_AMD64.0 {
        pe.sections.iter().filter(is_one).for_each(|section| functions(text, pe, section));
    }
}

fn functions(text: &mut String, pe: &Pe<'_>, section: &Section<'_>) {
    let table = section.shown_data(pe.form);
    let _ = writeln!(text, "\nThe Function Table (interpreted {} section contents)", section.text());
    text.push_str("vma:\t\t\tBeginAddress\t EndAddress\t  UnwindData\n");
    let functions: Vec<Function> = table.chunks_exact(ROW).map_while(Function::read).collect();
    let base = pe.base();
    let mut is_wrong = false;
    for (index, function) in functions.iter().enumerate() {
        let at = pe.address(section) + (index * ROW) as u64;
        let [begin, end, unwind] =
            [function.begin, function.end, function.unwind].map(|address| base.wrapping_add(address.into()));
        let _ = writeln!(text, " {at:016x}:\t{begin:016x} {end:016x} {unwind:016x}");
        let before = index.checked_sub(1).map(|before| functions[before].begin);
        if let Some(before) = before.filter(|before| function.begin <= *before) {
            let how = if function.begin < before { "smaller" } else { "same" };
            let _ = writeln!(text, "  has {how} begin address as predecessor");
            is_wrong = true;
        }
        for (address, what) in [(function.begin, "begin"), (function.end, "end"), (function.unwind, "unwind")] {
            if address >> 31 != 0 {
                let _ = writeln!(text, "  has negative {what} address");
                is_wrong = true;
            }
        }
    }
    if !is_wrong {
        unwinding(text, pe, (section, &functions));
    }
}

fn unwinding(text: &mut String, pe: &Pe<'_>, (pdata, functions): (&Section<'_>, &[Function])) {
    // Each ends where the next begins.
    let is_linked = pe.is_image();
    let own = |function: &&Function| (function.unwind != 0 || !is_linked) && !function.is_chained();
    let starts: BTreeSet<u32> = functions.iter().filter(own).map(|function| function.unwind).collect();
    let Some(first) = starts.first().copied() else { return };
    let holds = |section: &&Section<'_>| {
        let size = section.shown_data(pe.form).len();
        size > 0 && first.checked_sub(section.address).is_some_and(|offset| offset as usize <= size)
    };
    let named = |name: &[u8]| pe.sections.iter().find(|section| *section.name == *name).filter(holds);
    let twin = [b".xdata", pdata.name.get(b".pdata".len()..).unwrap_or(&[])].concat();
    let holder = Some(twin).filter(|_| !is_linked).and_then(|name| named(&name));
    let Some(holder) = holder.or_else(|| HOLDERS.iter().find_map(|name| named(name))) else { return };
    let data = holder.shown_data(pe.form);
    let base = pe.base();
    let mut last = None;
    let mut budget = MOST;
    let _ = writeln!(text, "\nDump of {}", holder.text());
    for function in functions {
        let [begin, end, unwind] =
            [function.begin, function.end, function.unwind].map(|address| base.wrapping_add(address.into()));
        let _ = write!(text, " {unwind:016x}");
        if last == Some(function.unwind) || is_linked && last.is_none() && function.unwind == 0 {
            let _ = writeln!(text, " also used for function at {begin:016x}");
            continue;
        }
        let place = function.unwind;
        last = Some(place);
        let _ = writeln!(text, " (rva: {place:08x}): {begin:016x} - {end:016x}");
        if function.is_chained() {
            text.push_str("\t shares information with ");
            let row = (place & !1).checked_sub(pdata.address).map(|offset| offset as usize);
            let row = row.and_then(|at| u32_at(pdata.data.get(at..at.checked_add(ROW)?)?, 8));
            let _ = match row {
                Some(unwind) => writeln!(text, "pdata element at 0x{unwind:016x}."),
                None => writeln!(text, "unknown pdata element."),
            };
        } else if place != 0 || !is_linked {
            let offset = |address: u32| address.checked_sub(holder.address).map(|offset| offset as usize);
            let next = place.checked_add(1).and_then(|above| starts.range(above..).next());
            let end = next.and_then(|next| offset(*next)).unwrap_or(data.len()).min(data.len());
            match offset(place).and_then(|at| data.get(at..end)) {
                Some(info) => one(text, info, base, &mut budget),
                None => text.push_str("warning: xdata section corrupt\n"),
            }
        }
    }
}

/// What unwinds one function, and what its handler is given.
fn one(text: &mut String, info: &[u8], base: u64, budget: &mut usize) {
    let byte = |at| info.get(at).copied().unwrap_or(0);
    let (version, flags) = (byte(0) & 7, byte(0) >> 3);
    if version != 1 && version != 2 {
        let _ = writeln!(text, "\tVersion {version} (unknown).");
        return dump(text, info, budget);
    }
    let what = match flags {
        0 => "none".to_owned(),
        1 => "UNW_FLAG_EHANDLER".to_owned(),
        2 => "UNW_FLAG_UHANDLER".to_owned(),
        3 => "UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER".to_owned(),
        4 => "UNW_FLAG_CHAININFO".to_owned(),
        other => format!("unknown flags value 0x{other:x}"),
    };
    let (count, register, offset) = (usize::from(byte(2)), byte(3) & 15, byte(3) >> 4);
    let frame = if register == 0 { "none" } else { REGISTERS[usize::from(register)] };
    let _ = writeln!(text, "\tVersion: {version}, Flags: {what}");
    let _ = write!(text, "\tNbr codes: {count}, Prologue size: 0x{:02x}, Frame offset: 0x{offset:x}, ", byte(1));
    let _ = writeln!(text, "Frame reg: {frame}");
    // An odd number of codes is filled up.
    let after = 4 + count.div_ceil(2) * 4;
    let words: Vec<u16> =
        info.get(4..after).unwrap_or(&[]).chunks_exact(2).map(|code| u16_at(code, 0).unwrap_or(0)).collect();
    codes(text, &words[..words.len().min(count)], (version, register, offset));
    let field = |at: usize| u32_at(info, after + at).unwrap_or(0);
    let size = match flags {
        1..=3 => {
            let _ = writeln!(text, "\tHandler: {:016x}.", base.wrapping_add(field(0).into()));
            4
        }
        4 => {
            let [begin, end, unwind] = [field(0), field(4), field(8)];
            let _ = writeln!(text, "\tChain: start: {begin:016x}, end: {end:016x}\n\t unwind data: {unwind:016x}.");
            12
        }
        _ => 0,
    };
    if let Some(rest) = info.get(after + size..).filter(|rest| !rest.is_empty()) {
        text.push_str("\tUser data:\n");
        dump(text, rest, budget);
    }
}

/// As much of it as may still be shown.
fn dump(text: &mut String, bytes: &[u8], budget: &mut usize) {
    let bytes = &bytes[..bytes.len().min(*budget)];
    *budget -= bytes.len();
    for (index, line) in bytes.chunks(16).enumerate() {
        let line: String = line.iter().map(|byte| format!(" {byte:02x}")).collect();
        let _ = writeln!(text, "\t  {:03x}:{line}", index * 16);
    }
}

/// The steps of a prologue, the last one first. The first byte of a code is where it ends, the second what it does.
fn codes(text: &mut String, words: &[u16], (version, frame, frame_offset): (u8, u8, u8)) {
    let parts = |word: u16| (word & 0xff, word >> 8 & 15, word >> 12);
    let mut at = 0;
    if version == 2 && words.first().is_some_and(|word| parts(*word).1 == 6) {
        text.push_str("\tv2 opcode6:");
        while let Some((place, 6, info)) = words.get(at).map(|word| parts(*word)) {
            let _ = write!(text, " {place:02x} {info:x}");
            at += 1;
        }
        text.push('\n');
    }
    let mut after_frame = false;
    while let Some(word) = words.get(at) {
        let (place, code, info) = parts(*word);
        let register = REGISTERS[usize::from(info)];
        let short = |scale: u32| u32::from(words.get(at + 1).copied().unwrap_or(0)) * scale;
        let long = |scale: u32| {
            let [low, high] = [1, 2].map(|more| u32::from(words.get(at + more).copied().unwrap_or(0)));
            (high << 16 | low).wrapping_mul(scale)
        };
        let (size, step, unexpected) = match (code, info) {
            (0, _) => (1, format!("push {register}"), false),
            (1, 0) => (2, format!("alloc large area: rsp = rsp - 0x{:x}", short(8)), false),
            (1, _) => (3, format!("alloc large area: rsp = rsp - 0x{:x}", long(1)), false),
            (2, _) => (1, format!("alloc small area: rsp = rsp - 0x{:x}", (info + 1) * 8), false),
            (3, _) => {
                let name = REGISTERS[usize::from(frame)];
                let offset = u32::from(frame_offset) * 16;
                (1, format!("FPReg: {name} = rsp + 0x{offset:x} (info = 0x{info:x})"), frame == 0)
            }
            (4, _) => (2, format!("save {register} at rsp + 0x{:x}", short(8)), after_frame),
            (5, _) => (3, format!("save {register} at rsp + 0x{:x}", long(1)), after_frame),
            (6, _) if version == 2 => (1, format!("v2-opc6 {place:02x} {info:x}"), true),
            (6, _) => (2, format!("save mm{info} at rsp + 0x{:x}", short(8)), after_frame),
            (7, _) => (3, format!("save mm{info} at rsp + 0x{:x}", long(8)), after_frame),
            (8, _) => (2, format!("save xmm{info} at rsp + 0x{:x}", short(16)), after_frame),
            (9, _) => (3, format!("save xmm{info} at rsp + 0x{:x}", long(16)), after_frame),
            (10, _) => {
                let end = match info {
                    0 => ")".to_owned(),
                    1 => ",ErrorCode)".to_owned(),
                    other => format!(", unknown({other}))"),
                };
                (1, format!("interrupt entry (SS, old RSP, EFLAGS, CS, RIP{end}"), false)
            }
            _ => (1, format!("unknown code {code}"), true),
        };
        after_frame |= code == 3;
        let mark = if unexpected { " [Unexpected!]" } else { "" };
        let _ = writeln!(text, "\t  pc+0x{place:02x}: {step}{mark}");
        at += size;
    }
}
