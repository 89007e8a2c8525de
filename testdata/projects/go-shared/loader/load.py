"""Loads the library named by its argument, calls it and closes it, as load.c does, from Python."""

import _ctypes
import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.GoMean.restype = ctypes.c_double
library.GoGreeting.restype = ctypes.c_void_p

values = (ctypes.c_double * 3)(0.5, 1.5, 4)
text = library.GoGreeting(b"loader")
greeting = ctypes.cast(text, ctypes.c_char_p).value.decode()
print(library.GoAdd(40, 2), f"{library.GoMean(values, 3):g}", greeting, flush=True)
ctypes.CDLL(None).free(ctypes.c_void_p(text))
library.GoGoodbye()
_ctypes.dlclose(library._handle)  # It raises where C gets a number.
print("close 0", flush=True)
