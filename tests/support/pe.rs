//! A PE file as the tests ask it: its headers, what it imports and exports, its resources.

#![allow(dead_code, unreachable_pub)] // Each test crate uses a part of it, as a module of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use object::LittleEndian as LE;
use object::pe;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, Import, PeFile, ResourceDirectory};

/// What the tests ask of a PE file.
#[derive(Debug)]
pub struct Image {
    pub machine: pe::Machine,
    pub subsystem: pe::Subsystem,
    pub os: (u16, u16),
    pub subsystem_version: (u16, u16),
    pub image: (u16, u16),
    pub characteristics: pe::FileFlags,
    pub dll_characteristics: pe::DllFlags,
    pub base: u64,
    pub stack: u64,
    pub heap: u64,
    pub timestamp: u32,
    pub exports: BTreeSet<String>,
    pub imports: BTreeSet<String>,
    pub sections: Vec<String>,
    /// Types of resources: 3 and 14 an icon, 6 strings, 16 a version, 24 a manifest.
    pub resources: BTreeSet<u16>,
}

impl Image {
    pub fn read(path: &Path) -> Image {
        let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        match object::FileKind::parse(&*bytes).unwrap() {
            object::FileKind::Pe32 => Image::of(&PeFile::<pe::ImageNtHeaders32>::parse(&*bytes).unwrap()),
            object::FileKind::Pe64 => Image::of(&PeFile::<pe::ImageNtHeaders64>::parse(&*bytes).unwrap()),
            kind => panic!("{} is {kind:?}", path.display()),
        }
    }

    fn of<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> Image {
        use object::{Object, ObjectSection};
        let header = file.nt_headers().file_header();
        let optional = file.nt_headers().optional_header();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut imports = BTreeSet::new();
        if let Some(table) = file.import_table().unwrap() {
            let mut descriptors = table.descriptors().unwrap();
            while let Some(descriptor) = descriptors.next().unwrap() {
                let dll = text(table.name(descriptor.name.get(LE)).unwrap()).to_lowercase();
                let mut thunks = table.thunks(descriptor.original_first_thunk.get(LE)).unwrap();
                while let Some(thunk) = thunks.next::<Pe>().unwrap() {
                    if let Import::Name(_, name) = table.import::<Pe>(thunk).unwrap() {
                        imports.insert(format!("{dll} {}", text(name)));
                    }
                }
            }
        }
        let directory = file.data_directories().resource_directory(file.data(), &file.section_table()).unwrap();
        let kinds = |directory: ResourceDirectory<'_>| {
            directory.root().unwrap().entries.iter().filter_map(|entry| entry.name_or_id().id()).collect()
        };
        let exports = file.export_table().unwrap().map(|table| table.exports().unwrap()).unwrap_or_default();
        Image {
            machine: header.machine.get(LE),
            characteristics: header.characteristics.get(LE),
            timestamp: header.time_date_stamp.get(LE),
            subsystem: optional.subsystem(),
            os: (optional.major_operating_system_version(), optional.minor_operating_system_version()),
            subsystem_version: (optional.major_subsystem_version(), optional.minor_subsystem_version()),
            image: (optional.major_image_version(), optional.minor_image_version()),
            dll_characteristics: optional.dll_characteristics(),
            base: optional.image_base(),
            stack: optional.size_of_stack_reserve(),
            heap: optional.size_of_heap_reserve(),
            exports: exports.iter().filter_map(|export| export.name.map(text)).collect(),
            imports,
            resources: directory.map(kinds).unwrap_or_default(),
            sections: file.sections().filter_map(|section| section.name().ok().map(str::to_owned)).collect(),
        }
    }

    pub fn imports_from(&self, dll: &str) -> bool {
        self.imports.iter().any(|import| import.starts_with(dll))
    }
}

pub fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
