// What a cgo program asks of macOS: its resolver, its users, its certificates and calls from C.
module example.org/go-macos

go 1.24
