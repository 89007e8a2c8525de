//! icecream, whose scheduler and daemon are this machine's. By itself it sends no compilation of xcc's away: what it does then
//! is compiled here, and right. With the environment that `docs/examples/icecream/environment.sh` packs it sends them: that
//! is tried as a server starts it, without the server, which takes no work while its machine is busy.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::support;

/// Processes that end with the test.
struct Daemons(Vec<Child>);

impl Drop for Daemons {
    fn drop(&mut self) {
        for process in self.0.iter_mut().rev() {
            // SAFETY: the process is our own child, not yet waited for. SIGTERM lets it end its own children.
            unsafe { libc::kill(libc::pid_t::try_from(process.id()).unwrap(), libc::SIGTERM) };
            let _ = process.wait();
        }
    }
}

#[test]
fn icecream_compiles_here_what_xcc_would() {
    // The daemons are in a directory that is not on everybody's PATH.
    let find = |name: &str| {
        support::which(name)
            .or_else(|| Some(format!("/usr/sbin/{name}").into()).filter(|p: &std::path::PathBuf| p.is_file()))
    };
    let (Some(icecc), Some(iceccd), Some(scheduler)) = (find("icecc"), find("iceccd"), find("icecc-scheduler")) else {
        support::skip("compilations through icecream", "icecc, iceccd or icecc-scheduler is not installed");
        return;
    };
    let dir = support::scratch("icecream");
    // Started by root, a daemon becomes another user.
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(dir.join("x.c"), "#include <stdio.h>\nint main(void) { return puts(\"x\"); }\n").unwrap();
    let port = || TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
    let (scheduler_port, port) = (port(), port());
    // A socket's name has to be short.
    let socket = std::env::temp_dir().join(format!("xcc-icecream-{}", std::process::id()));
    let mut daemons = Daemons(Vec::new());
    let mut start = |command: &mut Command| {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        daemons.0.push(process);
    };
    start(support::command(scheduler).args(["-n", "xcc-test", "-p", &scheduler_port]));
    let mut daemon = support::command(iceccd);
    daemon.args(["-n", "xcc-test", "-s", &format!("127.0.0.1:{scheduler_port}"), "-p", &port, "-N", "one", "-b"]);
    daemon.arg(dir.join("environments")).arg("-l").arg(dir.join("daemon.log")).arg("-vv");
    // icecream's own tests keep off the machine's daemon in this way.
    daemon.env("ICECC_TESTS", "1").env("ICECC_TEST_SOCKET", &socket);
    start(daemon.env("ICECC_TEST_SCHEDULER_PORTS", format!("{scheduler_port}:{scheduler_port}")));
    for _ in 0..100 {
        if socket.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }

    let xcc = support::xcc("xcc-aarch64-linux-gnu");
    support::run(support::command(&xcc).args(["-O2", "-c", "x.c", "-o", "plain.o"]).current_dir(&dir));
    let mut front = support::command(&icecc);
    front.arg(&xcc);
    let mut launcher = support::command(&xcc);
    launcher.env("XCC_LAUNCHER", &icecc);
    for mut through in [front, launcher] {
        through.args(["-O2", "-c", "x.c", "-o", "x.o"]).current_dir(&dir).env("ICECC_TEST_SOCKET", &socket);
        through.env("ICECC_DEBUG", "debug").env("ICECC_LOGFILE", dir.join("client.log"));
        support::run(&mut through);
        assert!(fs::read(dir.join("x.o")).unwrap() == fs::read(dir.join("plain.o")).unwrap(), "{through:?}");
        fs::remove_file(dir.join("x.o")).unwrap();
    }
    // It was icecream that compiled, with its daemon's leave.
    let log = fs::read_to_string(dir.join("client.log")).unwrap();
    assert_eq!(log.matches("connected to ").count(), 2, "{log}");
    assert_eq!(log.matches("<building_local>").count(), 2, "{log}");
    drop(daemons);
    let _ = fs::remove_file(socket);
}

/// As a server does it: in a chroot, without a variable, from preprocessed source. The objects are those of this machine.
#[test]
fn the_environment_for_icecream_compiles_on_its_own() {
    if !support::all("the environment for icecream in a chroot") {
        return;
    }
    // SAFETY: geteuid cannot fail and touches no memory.
    if unsafe { libc::geteuid() } != 0 {
        return support::skip("an environment for icecream", "only root can change the root directory");
    }
    let dir = support::scratch("icecream-environment");
    let mut paths = vec![support::xcc("xcc").parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut pack = support::command(support::root().join("docs/examples/icecream/environment.sh"));
    pack.arg(dir.join("xcc.tar")).args(["aarch64-linux-gnu", "x86_64-linux-musl"]);
    support::run(pack.env("PATH", std::env::join_paths(paths).unwrap()));
    let root = dir.join("root");
    fs::create_dir(&root).unwrap();
    support::run(support::command("tar").arg("-C").arg(&root).arg("-xf").arg(dir.join("xcc.tar")));
    fs::write(dir.join("x.c"), "#include <stdio.h>\nint main(void) { return puts(__FILE__); }\n").unwrap();
    fs::write(dir.join("x.cc"), "#include <iostream>\nint main() { std::cout << __FILE__; }\n").unwrap();
    for target in ["aarch64-linux-gnu", "x86_64-linux-musl"] {
        for (source, compiler, language) in [("x.c", "clang", "c"), ("x.cc", "clang++", "c++")] {
            let xcc = support::xcc(&format!("xcc-{target}-{compiler}"));
            let here = |words: &[&str]| {
                let mut command = support::command(&xcc);
                support::run(command.args(["-O2", "-x", language]).args(words).current_dir(&dir))
            };
            here(&["-c", source, "-o", "plain.o"]);
            here(&["-E", source, "-o", "x.i"]);
            let mut server = Command::new("chroot");
            server.arg(&root).arg(format!("/usr/bin/{compiler}")).env_clear().env("PATH", "/usr/sbin:/usr/bin");
            server.args([
                "-x",
                language,
                "-Xclang",
                "-main-file-name",
                "-Xclang",
                source,
                "-O2",
                "-c",
                "-target",
                target,
            ]);
            server.args(["-", "-o", "/tmp/x.o", "-no-canonical-prefixes"]);
            support::run(server.stdin(fs::File::open(dir.join("x.i")).unwrap()));
            let (made, plain) = (fs::read(root.join("tmp/x.o")).unwrap(), fs::read(dir.join("plain.o")).unwrap());
            assert!(made == plain, "{target}, {source}: another object");
        }
    }
    fs::remove_dir_all(dir).unwrap();
}
