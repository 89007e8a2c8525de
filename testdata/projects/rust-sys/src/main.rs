//! Uses C libraries, threads and unwinding, and prints one line for each.

use std::io::Write;
use std::panic;
use std::thread;

use rusqlite::Connection;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("sqlite {}", rusqlite::version());
    println!("query {}", query()?);
    println!("zstd {}", compress()?);
    println!("threads {}", count_in_threads());
    println!("unwound {}", unwind());
    Ok(())
}

/// A table, and a join with itself.
fn query() -> rusqlite::Result<String> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(
        "CREATE TABLE planet (name TEXT, moons INTEGER);
         INSERT INTO planet VALUES ('mars', 2), ('earth', 1), ('neptune', 16), ('venus', 0);",
    )?;
    let mut query = db.prepare(
        "SELECT a.name || '>' || b.name, round(a.moons / 2.0, 1) FROM planet a
         JOIN planet b ON a.moons = b.moons + ?1 ORDER BY a.name",
    )?;
    let rows = query.query_map([1], |row| Ok(format!("{} {}", row.get::<_, String>(0)?, row.get::<_, f64>(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.join(", "))
}

/// Compressed by two threads of the C library, read back by one.
fn compress() -> std::io::Result<String> {
    let text: Vec<u8> = (0..200_000u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
    let mut encoder = zstd::Encoder::new(Vec::new(), 3)?;
    encoder.multithread(2)?;
    encoder.write_all(&text)?;
    let small = encoder.finish()?;
    let back = zstd::decode_all(&small[..])?;
    Ok(format!("{} same={} smaller={}", back.len(), back == text, small.len() < text.len()))
}

fn count_in_threads() -> u32 {
    thread_local!(static MINE: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    let threads: Vec<_> = (1..=8)
        .map(|n| {
            thread::spawn(move || {
                (0..n).for_each(|_| MINE.set(MINE.get() + 1));
                MINE.get()
            })
        })
        .collect();
    threads.into_iter().map(|t| t.join().unwrap()).sum()
}

/// A panic that runs a destructor on its way, here and in a thread.
fn unwind() -> String {
    struct Dropped<'a>(&'a mut bool);
    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            *self.0 = true;
        }
    }
    panic::set_hook(Box::new(|_| ()));
    let mut dropped = false;
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let _guard = Dropped(&mut dropped);
        let empty: Vec<u32> = Vec::new();
        empty[std::hint::black_box(3)]
    }));
    let message = caught.unwrap_err().downcast::<String>().map_or_else(|_| "no message".to_string(), |s| *s);
    let in_thread = thread::spawn(|| panic!("in a thread")).join().is_err();
    format!("dropped={dropped} thread={in_thread} {message:?}")
}
