
_COMPILE = [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.cpp_module_codegen,
    ACTION_NAMES.cpp_module_compile,
    ACTION_NAMES.linkstamp_compile,
    ACTION_NAMES.lto_backend,
    ACTION_NAMES.preprocess_assemble,
]

_LINK = [
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

_OTHERS = [ACTION_NAMES.cpp_link_static_library, ACTION_NAMES.strip]

# The same action gives the same bytes in every directory and at any time.
_ALWAYS = [
    "-no-canonical-prefixes",
    "-ffile-compilation-dir=.",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
]

def _flags(name, compile, link):
    sets = [
        flag_set(actions = actions, flag_groups = [flag_group(flags = flags)])
        for actions, flags in [(_COMPILE, compile), (_LINK, link)]
        if flags
    ]
    return feature(name = name, enabled = name == "xcc", flag_sets = sets)

def _archive():
    """What ar is told; Bazel's own words for macOS are those of Apple's libtool."""
    objects = flag_group(
        iterate_over = "libraries_to_link",
        expand_if_available = "libraries_to_link",
        flag_groups = [
            flag_group(
                flags = ["%{libraries_to_link.name}"],
                expand_if_equal = variable_with_value(name = "libraries_to_link.type", value = "object_file"),
            ),
            flag_group(
                flags = ["%{libraries_to_link.object_files}"],
                iterate_over = "libraries_to_link.object_files",
                expand_if_equal = variable_with_value(name = "libraries_to_link.type", value = "object_file_group"),
            ),
        ],
    )
    output = flag_group(flags = ["rcsD", "%{output_execpath}"])
    return feature(name = "archiver_flags", flag_sets = [flag_set(
        actions = [ACTION_NAMES.cpp_link_static_library],
        flag_groups = [output, objects],
    )])

def _below(path, package):
    """The path as it is called in a package; one of the whole machine stays."""
    if path.startswith("/") or not package:
        return path
    if not path.startswith(package + "/"):
        fail("'%s' is not below the package '%s', which needs it" % (path, package))
    return path[len(package) + 1:]

def _config(ctx):
    features = [
        _flags("xcc", _ALWAYS, _LIBRARIES),
        _flags("opt", ["-O2", "-DNDEBUG", "-ffunction-sections", "-fdata-sections"], [_UNUSED]),
        _flags("dbg", ["-g"], []),
        _archive(),
        feature(
            name = "xcc_environment",
            enabled = True,
            env_sets = [env_set(
                actions = _COMPILE + _LINK + _OTHERS,
                env_entries = [env_entry(key = key, value = value) for key, value in _ENVIRONMENT.items()],
            )],
        ),
    ] + [feature(name = name, enabled = True) for name in _CAPABILITIES]
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = "xcc-" + _TARGET,
        host_system_name = "local",
        target_system_name = _TRIPLE,
        target_cpu = _CPU,
        target_libc = _LIBC,
        compiler = "clang",
        abi_version = "unknown",
        abi_libc_version = "unknown",
        cxx_builtin_include_directories = _HEADERS,
        tool_paths = [
            tool_path(name = name, path = _below(path, ctx.label.package))
            for name, path in _TOOLS.items()
        ],
        artifact_name_patterns = [
            artifact_name_pattern(
                category_name = kind,
                prefix = "lib" if end == ".dylib" else "",
                extension = end,
            )
            for kind, end in _EXTENSIONS.items()
        ],
        features = features,
    )

_xcc_config = rule(implementation = _config, provides = [CcToolchainConfigInfo])

def xcc_toolchain(name, target_compatible_with = None):
    """A platform of this name, and the toolchain for it.

    Args:
      name: the platform's, for --platforms. The toolchain is NAME-toolchain.
      target_compatible_with: the constraints of a platform of yours that the toolchain shall be for. Without them
        it is for the platform made here alone, so that toolchains for two C libraries do not meet.
    """
    if target_compatible_with == None:
        native.constraint_setting(name = name + "-setting")
        native.constraint_value(name = name + "-libc", constraint_setting = name + "-setting")
        target_compatible_with = _CONSTRAINTS + [":" + name + "-libc"]
    native.platform(name = name, constraint_values = target_compatible_with)
    native.filegroup(
        name = name + "-files",
        srcs = native.glob([_below(path, native.package_name()) for path in _FILES]),
    )
    _xcc_config(name = name + "-config")
    cc_toolchain(
        name = name + "-cc",
        toolchain_config = name + "-config",
        all_files = name + "-files",
        ar_files = name + "-files",
        as_files = name + "-files",
        compiler_files = name + "-files",
        dwp_files = name + "-files",
        linker_files = name + "-files",
        objcopy_files = name + "-files",
        strip_files = name + "-files",
        supports_param_files = 1,
    )
    native.toolchain(
        name = name + "-toolchain",
        target_compatible_with = target_compatible_with,
        toolchain = name + "-cc",
        toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
    )
