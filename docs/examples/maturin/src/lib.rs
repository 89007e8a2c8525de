//! A Python module with one function.

/// The module `example_wheel`.
#[pyo3::pymodule]
mod example_wheel {
    /// The machine that the module was built for.
    #[pyo3::pyfunction]
    fn machine() -> &'static str {
        std::env::consts::ARCH
    }
}
