//! Prints what each of its parts says.

use std::ffi::c_void;

#[cfg_attr(
    target_arch = "x86",
    link(name = "version", kind = "raw-dylib", import_name_type = "undecorated")
)]
#[cfg_attr(not(target_arch = "x86"), link(name = "version", kind = "raw-dylib"))]
unsafe extern "system" {
    fn GetFileVersionInfoA(name: *const u8, handle: u32, size: u32, data: *mut c_void) -> i32;
    fn VerQueryValueA(data: *const c_void, what: *const u8, value: *mut *const u16, size: *mut u32) -> i32;
}

unsafe extern "C" {
    fn twice(number: i32) -> i32;
    fn thrice(number: i32) -> i32;
}

struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        println!("dropped");
    }
}

fn version() -> String {
    let name = std::env::current_exe().unwrap().to_str().unwrap().to_owned() + "\0";
    let mut data = [0u64; 512];
    let mut value = std::ptr::null();
    let mut size = 0;
    unsafe {
        let data = data.as_mut_ptr().cast::<c_void>();
        assert_ne!(GetFileVersionInfoA(name.as_ptr(), 0, 4096, data), 0);
        assert_ne!(VerQueryValueA(data, c"\\".as_ptr().cast(), &mut value, &mut size), 0);
        // VS_FIXEDFILEINFO: the version is in its third and fourth word of 32 bits.
        let word = |at: usize| value.add(at).read_unaligned();
        format!("{}.{}.{}", word(5), word(4), word(7))
    }
}

fn main() {
    println!("version {}", version());
    println!("C {} {}", unsafe { twice(21) }, unsafe { thrice(7) });
    let caught = std::panic::catch_unwind(|| {
        let _dropped = Dropped;
        panic!("on purpose");
    });
    println!("caught {}", caught.is_err());
}
