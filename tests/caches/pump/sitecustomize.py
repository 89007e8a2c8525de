# Mends distcc-pump's C extension where it was built without PY_SSIZE_T_CLEAN and so fails in Python 3.10 to 3.12
# (distcc/distcc#454: the one of Debian 12, whatever the compiler is). A sound one stays as it is.
import ctypes
import os

try:
    import distcc_pump_c_extensions as extension
except ImportError:
    extension = None


def compress(text):
    data = text.encode()
    out = ctypes.create_string_buffer(len(data) + len(data) // 16 + 67)
    size = ctypes.c_size_t()
    work = ctypes.create_string_buffer(1 << 17)
    lzo = ctypes.CDLL(extension.__file__)
    lzo.lzo1x_1_compress(data, ctypes.c_size_t(len(data)), out, ctypes.byref(size), work)
    return out.raw[: size.value]


if extension:
    try:
        extension.OsPathIsFile("/")
    except SystemError:
        extension.OsPathExists = os.path.exists
        extension.OsPathIsFile = os.path.isfile
        extension.CompressLzo1xAlloc = compress
