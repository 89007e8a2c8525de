// A cgo program with C++ code.
module example.org/go-cxx

go 1.24
