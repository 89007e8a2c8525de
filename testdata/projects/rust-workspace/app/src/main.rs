//! Says what C has counted, and where a panic of another thread ends.
fn main() {
    let caught = std::thread::spawn(|| native::count("")).join().is_err();
    println!("{} words of C, caught {caught}", native::count("one two  three"));
}
