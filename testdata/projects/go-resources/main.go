// Reads what the linker has put into the program's own resources.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

const (
	typeIcon     = 14
	typeVersion  = 16
	typeManifest = 24
)

func main() {
	kernel, user := syscall.NewLazyDLL("kernel32.dll"), syscall.NewLazyDLL("user32.dll")
	module, _, _ := kernel.NewProc("GetModuleHandleW").Call(0)
	for _, kind := range []uintptr{typeIcon, typeVersion, typeManifest} {
		found, _, _ := kernel.NewProc("FindResourceW").Call(module, 1, kind)
		size, _, _ := kernel.NewProc("SizeofResource").Call(module, found)
		fmt.Println(kind, found != 0 && size != 0)
	}
	var text [64]uint16
	length, _, _ := user.NewProc("LoadStringW").Call(module, 7, uintptr(unsafe.Pointer(&text[0])), 64)
	fmt.Println(syscall.UTF16ToString(text[:length]), how)
}
