//! What GNU's tools call the formats and processors of Windows.

use object::pe::{self, Machine};

use super::{Form, Pe};

/// Machine, BFD's name of its objects, the name of the processor that `objdump -f` prints.
const MACHINES: &[(Machine, &str, &str)] = &[
    (pe::IMAGE_FILE_MACHINE_AMD64, "x86-64", "i386:x86-64"),
    (pe::IMAGE_FILE_MACHINE_I386, "i386", "i386"),
    (pe::IMAGE_FILE_MACHINE_ARM64, "aarch64-little", "aarch64"),
    (pe::IMAGE_FILE_MACHINE_ARMNT, "arm-little", "arm"),
];

/// BFD's name of a file's format. It takes a short import object for an image.
pub(crate) fn name(pe: &Pe<'_>) -> String {
    let stem = match pe.form {
        Form::Object => "pe",
        Form::BigObject => "pe-bigobj",
        Form::Image | Form::Import => "pei",
    };
    match row(pe) {
        Some(row) => format!("{stem}-{}", row.1),
        None => format!("{stem}-unknown-0x{:x}", pe.machine),
    }
}

/// The processor as `objdump -f` names it.
pub(crate) fn architecture(pe: &Pe<'_>) -> String {
    row(pe).map_or_else(|| format!("UNKNOWN!, machine 0x{:x}", pe.machine), |row| row.2.to_owned())
}

fn row(pe: &Pe<'_>) -> Option<&'static (Machine, &'static str, &'static str)> {
    MACHINES.iter().find(|row| row.0.0 == pe.machine)
}
