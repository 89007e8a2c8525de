// A program that reaches C only through the standard library, which Go links without the C compiler.
module example.org/go-std

go 1.24
