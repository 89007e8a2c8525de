#!/usr/bin/env python3
"""The crates that are in xcc, with their licences: the table of packaging/THIRD-PARTY.md.

    packaging/third-party.py              the table
    packaging/third-party.py --texts      the table and the texts, which go along with a binary

Asks Cargo, which reads Cargo.lock and what is fetched or vendored. Fails where a licence is none of those below.
"""

import json
import pathlib
import re
import subprocess
import sys

ALLOWED = {"0BSD", "MPL-2.0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "Unicode-3.0", "Unlicense", "Zlib", "BSL-1.0", "ISC"}
ROOT = pathlib.Path(__file__).resolve().parent.parent


def allowed(expression):
    """Whether one of the choices of an SPDX expression is made of licences that are allowed."""
    expression = expression.replace("/", " OR ")
    expression = re.sub(r" WITH LLVM-exception", "", expression)
    words = re.findall(r"\(|\)|[^\s()]+", expression)
    python = {"OR": "or", "AND": "and", "(": "(", ")": ")"}
    return eval(" ".join(python.get(word, str(word in ALLOWED)) for word in words), {"__builtins__": {}})


def crates():
    """Every crate that is linked into xcc on some host: no build scripts, procedural macros or tests."""
    words = ["cargo", "metadata", "--format-version", "1", "--locked"]
    value = json.loads(subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in value["packages"]}
    nodes = {node["id"]: node for node in value["resolve"]["nodes"]}
    ours = value["resolve"]["root"]
    seen, todo = set(), [ours]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        for edge in nodes[here]["deps"]:
            macro = any("proc-macro" in target["kind"] for target in packages[edge["pkg"]]["targets"])
            if not macro and any(kind["kind"] is None for kind in edge["dep_kinds"]):
                todo.append(edge["pkg"])
    found = [packages[name] for name in seen - {ours}]
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def main():
    found = crates()
    print("# Licences of what is in xcc\n")
    print("xcc itself is Apache-2.0 OR MIT. These crates are in it, and Rust's standard library (Apache-2.0 OR MIT). zig, clang and LLD")
    print("are no part of it: they are installed apart.\n")
    print("| crate | version | licence | source |\n|---|---|---|---|")
    for crate in found:
        licence = crate["license"] or ""
        if not licence or not allowed(licence):
            sys.exit(f"third-party.py: {crate['name']} {crate['version']}: {licence or 'no licence'} is not allowed")
        print(f"| {crate['name']} | {crate['version']} | {licence} | {crate['repository'] or ''} |")
    if "--texts" in sys.argv[1:]:
        texts = {}
        for crate in found:
            directory = pathlib.Path(crate["manifest_path"]).parent
            for path in sorted(directory.iterdir()):
                if re.match(r"(?i)(licen[cs]e|copying|unlicense|notice)", path.name) and path.is_file():
                    text = path.read_text(encoding="utf-8", errors="replace").strip()
                    texts.setdefault(text, []).append(f"{crate['name']} {crate['version']}")
        for text, names in sorted(texts.items(), key=lambda pair: pair[1]):
            print(f"\n## {', '.join(sorted(set(names)))}\n\n```text\n{text}\n```")


main()
