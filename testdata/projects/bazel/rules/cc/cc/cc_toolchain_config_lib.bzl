load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    _artifact_name_pattern = "artifact_name_pattern",
    _env_entry = "env_entry",
    _env_set = "env_set",
    _feature = "feature",
    _flag_group = "flag_group",
    _flag_set = "flag_set",
    _tool_path = "tool_path",
    _variable_with_value = "variable_with_value",
)

artifact_name_pattern = _artifact_name_pattern
env_entry = _env_entry
env_set = _env_set
feature = _feature
flag_group = _flag_group
flag_set = _flag_set
tool_path = _tool_path
variable_with_value = _variable_with_value
