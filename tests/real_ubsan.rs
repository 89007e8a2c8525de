//! `-fsanitize=undefined` means what clang means by it: each failed check is reported once, with file and line, and
//! the program goes on. The runtime library is xcc's own, `shims/ubsan`.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TARGETS: &[&str] = &["x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-linux-gnu"];

const CHECKS: &str = "-fsanitize=undefined,vptr,integer,implicit-conversion,nullability,float-divide-by-zero";

/// One error on each line that says what is to be reported; `@` stands for any address.
const ERRORS: &str = r#"
#include <limits.h>
#include <stdio.h>
#include <string.h>
int z; long long ll; __int128 wide; unsigned u; float f; double d; long double ld; int array[4];
static void takes_pointer(char *p) {}
__attribute__((returns_nonnull)) char *never_null(char *p) {
  return p; // expect: null pointer returned from function declared to never return null
}
__attribute__((nonnull(1))) void needs(char *p) {}
char *_Nonnull never_null_type(char *p) {
  return p; // expect: null pointer returned from function declared to never return null
}
void needs_type(char *_Nonnull p) {}
int main(int argc, char **argv) {
  volatile int big = INT_MAX, small = INT_MIN, one = argc, zero = 0;
  char *null = (char *)(long)zero;
  _Alignas(64) char bytes[64];
  for (int i = 0; i < 64; i++) bytes[i] = i;
  z = big + one; // expect: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
  z = small - one; // expect: signed integer overflow: -2147483648 - 1 cannot be represented in type 'int'
  z = big * 2; // expect: signed integer overflow: 2147483647 * 2 cannot be represented in type 'int'
  z = -small; // expect: negation of -2147483648 cannot be represented in type 'int'; cast to an unsigned type to negate this value to itself
  z = 1 << (31 + one); // expect: shift exponent 32 is too large for 32-bit type 'int'
  z = 1 << -one; // expect: shift exponent -1 is negative
  z = small << 1; // expect: left shift of negative value -2147483648
  z = 5 << (30 * one); // expect: left shift of 5 by 30 places cannot be represented in type 'int'
  for (int i = 0; i < 3; i++)
    z = array[4 * one]; // expect: index 4 out of bounds for type 'int[4]'
  ll = LLONG_MAX; ll += one; // expect: signed integer overflow: 9223372036854775807 + 1 cannot be represented in type 'long long'
  wide = ((__int128)1 << 126) - 1 + ((__int128)1 << 126);
  wide += one; // expect: signed integer overflow: 0x7fffffffffffffffffffffffffffffff + 1 cannot be represented in type '__int128'
  u = UINT_MAX; u += one; // expect: unsigned integer overflow: 4294967295 + 1 cannot be represented in type 'unsigned int'
  u = -u; u = 7; u = -u; // expect: negation of 7 cannot be represented in type 'unsigned int'
  int *odd = (int *)(bytes + one);
  z = *odd; // expect: load of misaligned address @ for type 'int', which requires 4 byte alignment
  _Bool *flag = (_Bool *)(bytes + 5);
  z = *flag; // expect: load of value 5, which is not a valid value for type '_Bool'
  f = 1e20f; z = f; // expect: 1e+20 is outside the range of representable values of type 'int'
  d = -1.5; u = d; // expect: -1.5 is outside the range of representable values of type 'unsigned int'
  ld = 1e30L; z = ld; // expect: 1e+30 is outside the range of representable values of type 'int'
  d = 1.0 / zero; // expect: division by zero
  signed char narrow = big; // expect: implicit conversion from type 'int' of value 2147483647 (32-bit, signed) to type 'signed char' changed the value to -1 (8-bit, signed)
  u = -one; // expect: implicit conversion from type 'int' of value -1 (32-bit, signed) to type 'unsigned int' changed the value to 4294967295 (32-bit, unsigned)
  never_null(null);
  needs(null); // expect: null pointer passed as argument 1, which is declared to never be null
  never_null_type(null);
  needs_type(null); // expect: null pointer passed as argument 1, which is declared to never be null
  char *_Nonnull some = null; // expect: _Nonnull binding to null pointer of type 'char * _Nonnull'
  char *p = (char *)-10; p += 100 * one; // expect: pointer index expression with base @ overflowed to @
  p = bytes; p += (unsigned long)-1 * one; // expect: addition of unsigned offset to @ overflowed to @
  p = 0; p += 5 * one; // expect: applying non-zero offset 5 to null pointer
  p = (char *)5; p -= 5 * one; // expect: applying non-zero offset to non-null pointer @ produced null pointer
  void *start = bytes + one;
  p = __builtin_assume_aligned(start, 64); // expect: assumption of 64 byte alignment for pointer of type 'void *' failed
  { volatile int n = -one; char vla[n]; if (argc > 9) vla[0] = 1; } // expect: variable length array bound evaluates to non-positive value -1
#ifdef NEW
  z = __builtin_ctz(zero); // expect: passing zero to __builtin_ctz(), which is not a valid argument
  z = __builtin_clz(zero); // expect: passing zero to __builtin_clz(), which is not a valid argument
  ((void (*)(long))takes_pointer)(1); // expect: call to function (unknown) through pointer to incorrect function type 'void (*)(long)'
  volatile _BitInt(37) bits = 0xfffffffffwb; bits = bits + one; // expect: signed integer overflow: 68719476735 + 1 cannot be represented in type '_BitInt(37)'
#endif
  fprintf(stderr, "end\n");
  return 0;
}
"#;

const CLASSES: &str = r#"
#include <cstdio>
#include <cstdlib>
struct A { virtual ~A() {} virtual int f() { return 1; } int a = 0; };
struct B { virtual ~B() {} virtual int g() { return 2; } int b = 0; };
namespace ns { struct C : A, B { int f() override { return 3; } int c = 0; }; }
enum E { X, Y = 3 };
int main(int argc, char **argv) {
  A *a = new A;
  auto *c = static_cast<ns::C *>(a); // expect: downcast of address @ which does not point to an object of type 'ns::C'
  B *b = new ns::C;
  ((A *)(void *)b)->f(); // expect: member call on address @ which does not point to an object of type 'A'
  void *zeros = calloc(1, 64), *junk = malloc(64);
  int n = ((A *)zeros)->a; // expect: member access within address @ which does not point to an object of type 'A'
  for (int i = 0; i < 64; i++) ((char *)junk)[i] = 0x41;
  n = ((A *)junk)->a; // expect: member access within address @ which does not point to an object of type 'A'
  ((void **)junk)[0] = (void *)main;
  n = ((A *)junk)->a; // expect: member access within address @ which does not point to an object of type 'A'
  int seven = 7;
  n = *(E *)&seven; // expect: load of value 7, which is not a valid value for type 'E'
  int *none = argc > 9 ? &n : 0;
  int &r = *none; // expect: reference binding to null pointer of type 'int'
  fprintf(stderr, "end\n");
}
"#;

/// Nothing here is undefined, while the classes are as entangled as classes get, and many.
const CLEAN: &str = r#"
#include <cstdio>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <vector>
struct Root { int r = 1; virtual ~Root() {} virtual int id() const { return r; } };
struct Left : virtual Root {
  int l = 2;
  int id() const override { return l + r; }
  Left() { call(this); }
  void call(Root *x) { x->id(); }
};
struct Right : virtual Root {
  int q = 3;
  virtual int right() { return q + id(); }
  Right() { right(); }
  ~Right() override { right(); }
};
struct Side { long pad[3] = {}; virtual int side() { return 7; } virtual ~Side() = default; };
struct Bottom : Side, Left, Right {
  int b = 4;
  int id() const override { return b + l + q + r; }
  int side() override { return id(); }
  Bottom() { id(); static_cast<Right *>(this)->right(); }
  ~Bottom() override { side(); }
};
namespace { template <int N> struct Many : Bottom { int id() const override { return N + Left::id(); } }; }
template <int N> long sum() {
  if constexpr (N == 0) return 0;
  else {
    auto m = std::make_unique<Many<N>>();
    Root *r = m.get(); Side *d = m.get(); Right *x = m.get();
    return r->id() + d->side() + x->right() + static_cast<Many<N> *>(d)->b + static_cast<Bottom *>(d)->id() +
           (dynamic_cast<Many<N> *>(r) == m.get()) + sum<N - 1>();
  }
}
int main() {
  long s = 0;
  for (int i = 0; i < 3; i++) s += sum<40>();
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; i++) threads.emplace_back([] { sum<40>(); });
  for (auto &t : threads) t.join();
  try { throw std::runtime_error("four"); } catch (const std::exception &e) { s += std::string(e.what()).size(); }
  std::ostringstream o;
  o << s << ' ' << typeid(Bottom).name();
  std::puts(o.str().c_str());
}
"#;

const FATAL: &str = r#"
#include <stdio.h>
int none(int n) { if (n > 9) return n; } // expect: execution reached the end of a value-returning function without returning a value
int main(int argc, char **argv) {
  switch (argv[1][0]) {
  case 'o': argc += 2147483647; argc += 2147483647; break; // expect: signed integer overflow: 2 + 2147483647 cannot be represented in type 'int'
  case 'u': __builtin_unreachable(); // expect: execution reached an unreachable program point
  case 'r': none(argc);
  }
  fprintf(stderr, "end\n");
  return 0;
}
"#;

/// A directory with programs for a target.
struct Work {
    target: &'static str,
    dir: PathBuf,
}

impl Work {
    fn new(target: &'static str) -> Work {
        Work { target, dir: support::scratch("ubsan") }
    }

    /// Writes a file and compiles it, which must succeed and say nothing.
    #[track_caller]
    fn build(&self, source: &str, text: &str, words: &str) {
        std::fs::write(self.dir.join(source), text).unwrap();
        let tool = if source.ends_with(".c") { "cc" } else { "c++" };
        let mut command = support::command(support::xcc(&format!("xcc-{}-{tool}", self.target)));
        command.current_dir(&self.dir).args(["-g", "-w", source]).args(words.split_whitespace());
        let output = support::run(&mut command);
        assert!(output.stderr.is_empty(), "{}", support::describe(&command, &output));
    }

    /// Runs a program and returns its status and what it reported; `None` where nothing here can run it.
    #[track_caller]
    fn run(&self, exe: &str, args: &[&str], options: &str) -> Option<(Option<i32>, String)> {
        let mut command = support::runner(self.target, &self.dir.join(exe))?;
        let output = command.current_dir(&self.dir).args(args).env("UBSAN_OPTIONS", options).output().unwrap();
        Some((output.status.code(), support::stderr(&output)))
    }
}

/// Addresses as `@`.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        // A 128-bit number is as it is.
        plain.push_str(if digits > 16 { "0x" } else { "@" });
        plain.push_str(if digits > 16 { part } else { &part[digits..] });
    }
    plain
}

/// `LINE: MESSAGE` of each line that expects a report.
fn expected(source: &str) -> Vec<String> {
    let lines = source.lines().enumerate();
    lines.filter_map(|(at, line)| Some(format!("{}: {}", at + 1, line.split_once("// expect: ")?.1))).collect()
}

/// `LINE: MESSAGE` of each report, in the order of the lines.
fn reported(file: &str, text: &str) -> Vec<String> {
    let report = |line: &str| {
        let (place, message) = line.split_once(": runtime error: ")?;
        let at = place.strip_prefix(file)?.strip_prefix(':')?.split(':').next()?;
        Some(format!("{at}: {}", without_addresses(message)))
    };
    let mut found: Vec<String> = text.lines().filter_map(report).collect();
    let line = |text: &String| text.split(':').next().and_then(|n| n.parse::<u32>().ok());
    found.sort_by_key(line);
    found
}

#[test]
fn each_check_is_reported_with_its_line_and_the_program_goes_on() {
    for target in TARGETS {
        let work = Work::new(target);
        work.build("errors.c", ERRORS, &format!("-std=c17 -DNEW {CHECKS} -o errors"));
        let Some((status, said)) = work.run("errors", &[], "") else { continue };
        assert_eq!(reported("errors.c", &said), expected(ERRORS), "{target}: {said}");
        assert!(said.ends_with("end\n") && status == Some(0), "{target}: {status:?} {said}");
        assert!(said.contains(": note: returns_nonnull attribute specified here\n"), "{target}: {said}");
        let mut memory = said.lines().skip_while(|line| !line.contains("pointer points here")).skip(1);
        let bytes = memory.next().unwrap_or("");
        assert!(bytes.contains("  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  10 "), "{target}: {said}");
        assert_eq!(memory.next(), Some("              ^ "), "{target}: {said}");
        let summary = "SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior errors.c:";
        assert_eq!(said.matches(summary).count(), expected(ERRORS).len(), "{target}: {said}");
    }
}

#[test]
fn an_object_of_another_class_is_reported() {
    for target in TARGETS {
        let work = Work::new(target);
        work.build("classes.cc", CLASSES, &format!("{CHECKS} -o classes"));
        let Some((status, said)) = work.run("classes", &[], "") else { continue };
        assert_eq!(reported("classes.cc", &said), expected(CLASSES), "{target}: {said}");
        assert!(said.ends_with("end\n") && status == Some(0), "{target}: {status:?} {said}");
        for note in [
            "@: note: object is of type 'A'\n",
            "\n              ^~~~~~~~~~~~~~~~~~~~~~~\n              vptr for 'A'\n",
            "@: note: object is base class subobject at offset 16 within object of type 'ns::C'\n",
            " vptr for 'B' base class of 'ns::C'\n",
            "@: note: object has invalid vptr\n",
        ] {
            assert!(without_addresses(&said).contains(note), "{target}: {note}: {said}");
        }
    }
}

#[test]
fn a_clean_program_says_nothing() {
    for target in TARGETS {
        let work = Work::new(target);
        work.build("clean.cc", CLEAN, &format!("{CHECKS} -o clean"));
        let Some((status, said)) = work.run("clean", &[], "") else { continue };
        assert_eq!((status, said.as_str()), (Some(0), ""), "{target}");
    }
}

#[test]
fn without_recovery_the_first_report_ends_the_program() {
    for target in TARGETS {
        let work = Work::new(target);
        // The last two kinds are never recovered from.
        for (recover, kinds) in [("-fno-sanitize-recover=all", "our"), ("", "ur")] {
            work.build("fatal.cc", FATAL, &format!("-fsanitize=undefined {recover} -o fatal"));
            for kind in kinds.chars() {
                let Some((status, said)) = work.run("fatal", &[&kind.to_string()], "") else { continue };
                let mut found = reported("fatal.cc", &said);
                assert_eq!((status, found.len()), (Some(1), 1), "{target} {kind}: {said}");
                assert!(!said.contains("end\n"), "{target} {kind}: {said}");
                assert!(expected(FATAL).contains(&found.remove(0)), "{target} {kind}: {said}");
            }
        }
    }
}

#[test]
fn the_users_options_are_obeyed() {
    let work = Work::new("x86_64-linux-gnu");
    work.build("errors.c", ERRORS, "-fsanitize=undefined -o errors");
    for (options, status) in [
        ("halt_on_error=1", Some(1)),
        ("print_stacktrace=0:halt_on_error=1:exitcode=42", Some(42)),
        ("halt_on_error=true abort_on_error=yes", None),
    ] {
        let (ended, said) = work.run("errors", &[], options).unwrap();
        assert_eq!((ended, reported("errors.c", &said).len()), (status, 1), "{options}: {said}");
    }
    let (_, said) = work.run("errors", &[], "report_error_type=1").unwrap();
    assert!(said.contains("SUMMARY: UndefinedBehaviorSanitizer: signed-integer-overflow errors.c:"), "{said}");
    let (_, said) = work.run("errors", &[], "print_summary=0,unknown=3").unwrap();
    assert!(said.contains("runtime error") && !said.contains("SUMMARY"), "{said}");
    let defaults = "const char *__ubsan_default_options(void) { return \"exitcode=7:halt_on_error=1\"; }\n";
    work.build("errors.c", &format!("{ERRORS}{defaults}"), "-fsanitize=undefined -o errors");
    assert_eq!(work.run("errors", &[], "").unwrap().0, Some(7), "the program's own options");
    assert_eq!(work.run("errors", &[], "halt_on_error=0").unwrap().0, Some(0), "the user's win");
}

#[test]
fn a_shared_library_reports_through_the_program() {
    const HEADER: &str = "struct Base { virtual ~Base(); virtual int f(); int n = 0; };\n\
                          struct Other : virtual Base { int f() override { return 2; } };\n\
                          Base *make(bool other);\nint overflow(int);\nint use(void *);\n";
    let library = format!(
        "{HEADER}Base::~Base() {{}}\nint Base::f() {{ return 1; }}\n\
         Base *make(bool other) {{ return other ? new Other : new Base; }}\n\
         int overflow(int x) {{ return x + 2147483647; }} // expect: signed integer overflow: 1 + 2147483647 cannot \
         be represented in type 'int'\n\
         int use(void *p) {{ return ((Base *)p)->f(); }} // expect: member call on address @ which does not point to an \
         object of type 'Base'\n"
    );
    let program = format!(
        "{HEADER}#include <cstdio>\nstruct Stray {{ virtual ~Stray() {{}} virtual int f() {{ return 3; }} }};\n\
         int main(int argc, char **argv) {{\n\
         Base *base = make(false), *other = make(true);\n\
         int n = base->f() + other->f() + use(base) + use(other);\n\
         fprintf(stderr, \"clean %d\\n\", n);\n\
         for (int i = 0; i < 3; i++) overflow(argc);\n\
         n = argc + 2147483647; // expect: signed integer overflow: 1 + 2147483647 cannot be represented in type 'int'\n\
         Stray stray;\nuse(&stray);\ndelete base;\ndelete other;\n\
         fprintf(stderr, \"end\\n\");\n}}\n"
    );
    for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
        let work = Work::new(target);
        let checks = "-fsanitize=undefined,vptr";
        work.build("lib.cc", &library, &format!("{checks} -fPIC -shared -o libuse.so"));
        work.build("main.cc", &program, &format!("{checks} libuse.so -Wl,-rpath,$ORIGIN -o main"));
        let Some((status, said)) = work.run("main", &[], "") else { continue };
        assert_eq!(reported("lib.cc", &said), expected(&library), "{target}: {said}");
        assert_eq!(reported("main.cc", &said), expected(&program), "{target}: {said}");
        assert!(said.starts_with("clean 6\n") && said.ends_with("end\n"), "{target}: {said}");
        assert_eq!(status, Some(0), "{target}: {said}");
    }
}

/// Debian's clang, where it has its own runtime: every line is the same.
#[test]
fn the_text_is_clangs() {
    let Some(clang) = support::which("clang") else {
        support::skip("comparison with clang's runtime", "clang is not installed");
        return;
    };
    let work = Work::new("x86_64-linux-gnu");
    for (file, text) in [("errors.c", ERRORS), ("classes.cc", CLASSES)] {
        work.build(file, text, &format!("{CHECKS} -o ours"));
        let ours = work.run("ours", &[], "").unwrap().1;
        let Some(native) = native(&clang, &work.dir, file) else {
            support::skip("comparison with clang's runtime", "clang has no library of -fsanitize=undefined here");
            return;
        };
        let lines = |text: &str| text.lines().map(plain).collect::<Vec<_>>();
        assert_eq!(lines(&ours), lines(&support::stderr(&native)), "{file}");
    }
}

/// A line of a report without what differs from run to run: addresses, and the memory they are in.
fn plain(line: &str) -> String {
    let memory = line.starts_with(' ') && line.bytes().all(|c| c == b' ' || c.is_ascii_hexdigit());
    // Older ones end it in "in ", with the function left out.
    let line = line.strip_suffix("in ").filter(|line| line.starts_with("SUMMARY")).unwrap_or(line);
    if memory { "MEMORY".to_owned() } else { without_addresses(line) }
}

/// The same program by the system's clang; `None` where it does not link.
fn native(clang: &Path, dir: &Path, file: &str) -> Option<Output> {
    let mut build = support::command(clang);
    build.current_dir(dir).args(["-g", "-w", file, CHECKS, "-o", "native"]);
    if file.ends_with(".cc") {
        build.args(["--driver-mode=g++"]);
    }
    build.output().ok()?.status.success().then(|| Command::new(dir.join("native")).output().unwrap())
}
