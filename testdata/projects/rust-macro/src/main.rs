//! Uses what the host made for it, and a bit of everything std needs from the C library.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, process, thread};

#[derive(macros::Fields)]
#[allow(dead_code)]
struct Point {
    x: i32,
    y: i32,
}

fn main() {
    println!("built for {}", env!("BUILT_FOR"));
    println!("fields {:?}", Point::fields());
    println!("file {}", through_a_file());
    println!("socket {}", through_a_socket());
    println!("child {:?}", process::Command::new("true").status().map(|s| s.success()).unwrap_or(false));
    println!("random {}", HashMap::from([(1, 2), (3, 4)]).values().sum::<i32>());
    println!("clock {}", SystemTime::now().elapsed().is_ok() && Instant::now().elapsed() < Duration::from_secs(60));
    println!("float {:.3}", std::hint::black_box(2f64).powf(0.5).sin());
}

fn through_a_file() -> String {
    let path = std::env::temp_dir().join(format!("rust-macro-{}", process::id()));
    fs::write(&path, "twelve bytes").unwrap();
    let length = fs::metadata(&path).unwrap().len();
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    format!("{length} {text}")
}

fn through_a_socket() -> String {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let client = thread::spawn(move || TcpStream::connect(address).unwrap().write_all(b"hello").unwrap());
    let mut text = String::new();
    server.accept().unwrap().0.read_to_string(&mut text).unwrap();
    client.join().unwrap();
    text
}
