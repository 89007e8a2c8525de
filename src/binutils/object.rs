//! An object of any format that the tools read; the file says which.

use super::elf::{self, Elf, Result};
use super::pe::{self, Pe};

pub(crate) enum Object<'d> {
    Elf(Elf<'d>),
    Pe(Pe<'d>),
}

impl<'d> Object<'d> {
    /// # Errors
    /// What is wrong with the file.
    pub(crate) fn parse(data: &'d [u8]) -> Result<Object<'d>> {
        match pe::is_pe(data) {
            true => Pe::parse(data).map(Object::Pe),
            false => Elf::parse(data).map(Object::Elf),
        }
    }
}

/// Is it an object, by its first bytes?
pub(crate) fn is_object(data: &[u8]) -> bool {
    elf::is_elf(data) || pe::is_pe(data)
}
