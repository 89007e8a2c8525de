"""Runs a WebAssembly module: a command with its arguments, or one function of a reactor, whose result is printed.

    wasi.py COMMAND [ARGUMENT...]
    wasi.py REACTOR FUNCTION NUMBER
"""

import sys

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig


def main(words):
    engine = Engine()
    linker = Linker(engine)
    linker.define_wasi()
    store = Store(engine)
    config = WasiConfig()
    config.argv = words
    config.inherit_stdout()
    config.inherit_stderr()
    store.set_wasi(config)
    module = Module.from_file(engine, words[0])
    exports = linker.instantiate(store, module).exports(store)
    if "_start" not in [export.name for export in module.exports]:
        exports["_initialize"](store)
        print(exports[words[1]](store, int(words[2])))
        return 0
    try:
        exports["_start"](store)
    except ExitTrap as exit:
        return exit.code
    return 0


sys.exit(main(sys.argv[1:]))
