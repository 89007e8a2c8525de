//go:build !cgo

package main

var how = "without C"
