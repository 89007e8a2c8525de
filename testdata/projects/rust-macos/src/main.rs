//! Asks macOS through the crates that most programs ask it with: certificates of its keychain, users, files that change,
//! the clipboard, disks and memory, TLS of Security.

use notify::{Event, recommended_watcher};
use sysinfo::{Disks, System};

fn main() {
    let system = System::new_all();
    println!("{} bytes of memory, {} disks", system.total_memory(), Disks::new_with_refreshed_list().len());
    println!("user {}", whoami::username());
    println!("{} certificates", rustls_native_certs::load_native_certs().certs.len());
    let watcher = recommended_watcher(|event: notify::Result<Event>| println!("{event:?}"));
    println!("a watcher: {}", watcher.is_ok());
    let text = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text());
    println!("a text on the clipboard: {}", text.is_ok());
    println!("an answer: {}", reqwest::blocking::get("https://localhost").is_ok());
}
