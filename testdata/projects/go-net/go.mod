// The cgo program that every Linux target of the tests builds and, where it can, runs.
module example.org/go-net

go 1.24
