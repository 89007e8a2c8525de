// A C shared library written in Go, and two programs that load it.
module example.org/go-shared

go 1.24
