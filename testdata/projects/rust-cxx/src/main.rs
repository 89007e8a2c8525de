//! Calls into C++ that prints, throws, and calls back.

#[cxx::bridge]
mod ffi {
    unsafe extern "C++" {
        include!("rust-cxx/cpp/words.h");

        type Words;
        fn words_new(text: &CxxString) -> Result<UniquePtr<Words>>;
        fn print(self: &Words) -> usize;
        fn nth(self: &Words, n: usize) -> Result<String>;
        fn sum_of(n: usize, f: fn(usize) -> i64) -> i64;
    }
}

fn main() {
    cxx::let_cxx_string!(text = "b a c a");
    let words = ffi::words_new(&text).unwrap();
    println!("distinct {}", words.print());
    println!("nth {:?}", words.nth(2).unwrap());
    println!("error {:?}", words.nth(7).unwrap_err().what());
    cxx::let_cxx_string!(empty = "");
    println!("error {:?}", ffi::words_new(&empty).err().unwrap().what());
    println!("sum {}", ffi::sum_of(5, |n| n as i64 * -3));
}
