from setuptools import Extension, setup

# For the stable ABI of Python 3.9: one wheel for that version and all later ones.
extension = Extension(
    "example_extension",
    ["example_extension.c"],
    define_macros=[("Py_LIMITED_API", "0x03090000")],
    py_limited_api=True,
)
setup(ext_modules=[extension], options={"bdist_wheel": {"py_limited_api": "cp39"}})
