//! Commands that xcc waits for while it does other things, and that must not outlive it.
//!
//! A terminal's keys reach a whole process group. `kill`, and a service whose time is up, reach xcc alone: the signal is passed on to
//! what it has started, whatever that has started included, and then ends xcc. On Windows they are commands as any other.

use std::io;
use std::ops::{Deref, DerefMut};
use std::process::{self, Command, ExitStatus};

/// A command that is running.
pub(crate) struct Child {
    child: process::Child,
    #[cfg(unix)]
    _group: signals::Group,
}

impl Deref for Child {
    type Target = process::Child;

    fn deref(&self) -> &process::Child {
        &self.child
    }
}

impl DerefMut for Child {
    fn deref_mut(&mut self) -> &mut process::Child {
        &mut self.child
    }
}

/// # Errors
/// When the program does not start.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    {
        signals::prepare(command);
        let _held = signals::Held::new()?;
        let child = command.spawn()?;
        Ok(Child { _group: signals::Group::of(&child), child })
    }
    #[cfg(not(unix))]
    Ok(Child { child: command.spawn()? })
}

/// Runs the command to its end.
///
/// # Errors
/// When the program does not start.
pub(crate) fn status(command: &mut Command) -> io::Result<ExitStatus> {
    spawn(command)?.wait()
}

#[cfg(unix)]
mod signals {
    use std::io;
    use std::mem;
    use std::os::unix::process::CommandExt;
    use std::process::{self, Command};
    use std::ptr;
    use std::sync::Once;
    use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

    /// What ends xcc and all that it has started.
    const ENDING: [libc::c_int; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];

    /// More run at once on no machine; one beyond would only not be told.
    const MOST: usize = 1024;

    /// The process groups of the commands that are running; 0 where there is none.
    static GROUPS: [AtomicI32; MOST] = [const { AtomicI32::new(0) }; MOST];

    /// Milliseconds that the signal waits for commands to start; longer takes only a machine that is stuck.
    const MOST_WAITS: usize = 5000;

    /// The threads that are starting a command.
    static STARTING: AtomicUsize = AtomicUsize::new(0);

    /// A signal has come: nothing more is started.
    static ENDED: AtomicBool = AtomicBool::new(false);

    /// Does xcc lead a process group, as a command does that an interactive shell has started? Then its children stay in it, where
    /// the terminal's keys reach them, and the signal goes to all of it. Else others are in the group, whom it does not concern,
    /// and each child has a group of its own.
    fn leads() -> bool {
        // SAFETY: both only ask.
        unsafe { libc::getpgrp() == libc::getpid() }
    }

    pub(super) fn prepare(command: &mut Command) {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            for signal in ENDING {
                // SAFETY: the handler is one, see there. A signal that is ignored (nohup) stays so.
                unsafe {
                    if libc::signal(signal, pass_on as *const () as libc::sighandler_t) == libc::SIG_IGN {
                        libc::signal(signal, libc::SIG_IGN);
                    }
                }
            }
        });
        if !leads() {
            command.process_group(0);
        }
    }

    /// While a thread holds this, the signal waits: a command that has been started and is not among [`GROUPS`] yet would not hear of
    /// it. The command itself begins with no signal blocked, as the standard library has it.
    pub(super) struct Held(libc::sigset_t);

    impl Held {
        /// # Errors
        /// When a signal is ending xcc.
        pub(super) fn new() -> io::Result<Held> {
            let mut held = Held(set(&[]));
            let ending = set(&ENDING);
            // SAFETY: the call writes the mask there was.
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const ending, &raw mut held.0) };
            STARTING.fetch_add(1, Ordering::SeqCst);
            if ENDED.load(Ordering::SeqCst) { Err(io::ErrorKind::Interrupted.into()) } else { Ok(held) }
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            STARTING.fetch_sub(1, Ordering::SeqCst);
            // SAFETY: the mask is one that there was.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, ptr::null_mut()) };
        }
    }

    fn set(signals: &[libc::c_int]) -> libc::sigset_t {
        // SAFETY: a set is plain memory, which the first call initialises.
        unsafe {
            let mut set = mem::zeroed();
            libc::sigemptyset(&raw mut set);
            for signal in signals {
                libc::sigaddset(&raw mut set, *signal);
            }
            set
        }
    }

    /// The place of a group in [`GROUPS`].
    pub(super) struct Group(Option<usize>);

    impl Group {
        pub(super) fn of(child: &process::Child) -> Group {
            let id = child.id().cast_signed();
            let take = |place: &AtomicI32| place.compare_exchange(0, id, Ordering::SeqCst, Ordering::SeqCst).is_ok();
            Group(if leads() { None } else { GROUPS.iter().position(take) })
        }
    }

    impl Drop for Group {
        fn drop(&mut self) {
            if let Some(place) = self.0 {
                GROUPS[place].store(0, Ordering::SeqCst);
            }
        }
    }

    /// Hands the signal to all groups, and ends by it.
    extern "C" fn pass_on(signal: libc::c_int) {
        ENDED.store(true, Ordering::SeqCst);
        let own = set(&[signal]);
        // SAFETY: each of these may be called while a signal is handled.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            // A thread that starts a command is not this one, see [`Held`]. It is done in a moment, whatever becomes of the command.
            for _ in 0..MOST_WAITS {
                if STARTING.load(Ordering::SeqCst) == 0 {
                    break;
                }
                libc::poll(ptr::null_mut(), 0, 1);
            }
            if leads() {
                libc::kill(0, signal);
            }
            for group in GROUPS.iter().map(|place| place.load(Ordering::SeqCst)).filter(|group| *group > 0) {
                libc::kill(-group, signal);
                // One that waits for the terminal hears of it only then.
                libc::kill(-group, libc::SIGCONT);
            }
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const own, ptr::null_mut());
            libc::raise(signal);
            // The first process of a container lives on.
            libc::_exit(128 + signal);
        }
    }
}
