//! Rules of the direct backend for Windows targets.

use super::{Action, On, Rule};
use crate::args::Meaning;

pub(crate) const RULES: &[Rule] = &[Rule {
    name: "windows-program-can-always-move",
    on: On::Options(&[Meaning::NoPie]),
    when: |_, context| context.target.is_windows(),
    then: Action::Drop,
    why: "gcc for Windows takes the option and does nothing, clang would warn of it; -Wl,--disable-dynamicbase keeps a program in place",
}];
