// A static C library written in Go, and the C program that links it.
module example.org/go-archive

go 1.24
