// Command go-net exercises what a cgo program asks of a C compiler: the C parts of net and os/user, C code of
// its own, calls in both directions, and floats, doubles and structs across the border. Its output is the same
// on every target, and it never talks to anything but this machine.
package main

/*
#cgo LDFLAGS: -lm
#include <stdlib.h>
#include "shape.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"runtime/cgo"
	"syscall"
	"unsafe"
)

//export goVisit
func goVisit(token C.uintptr_t, n C.int, x C.double) C.int {
	visits := cgo.Handle(token).Value().(*[]float64)
	*visits = append(*visits, float64(x))
	return n * n
}

func main() {
	fmt.Println("scale:", C.shape_scale(1.5, 0.25, 3))
	fmt.Println("mix:", C.shape_mix(1, 0.5, 1<<33, 0.25, 2, 1.5, 2.5, -3, 3.5, -4, 4.5, 5.5))

	name := C.CString("gopher")
	defer C.free(unsafe.Pointer(name))
	s := C.struct_shape{tag: 1, width: 2.5, count: -3, id: 1 << 35, height: 0.25, name: name, last: 4}
	s.code = [3]C.uchar{250, 251, 252}
	fmt.Printf("sum: %.2f\n", float64(C.shape_sum(&s)))
	made := C.shape_make(144)
	fmt.Println("made:", made.tag, made.width, made.count, made.id, made.height, C.GoString(made.name), made.code, made.last)

	_, err := C.shape_fail()
	fmt.Println("errno is ERANGE:", errors.Is(err, syscall.ERANGE))

	var visits []float64
	token := cgo.NewHandle(&visits)
	sum := C.shape_visit(C.uintptr_t(token), 4)
	token.Delete()
	fmt.Println("visits:", sum, visits)

	lookups()
}

// lookups asks the C library, not Go's own resolver.
func lookups() {
	os.Setenv("GODEBUG", "netdns=cgo")
	addresses, err := net.LookupHost("localhost")
	loopback := err == nil && len(addresses) > 0
	for _, a := range addresses {
		loopback = loopback && net.ParseIP(a).IsLoopback()
	}
	fmt.Println("localhost is a loopback:", loopback, said(err))

	lo, err := net.InterfaceByName("lo")
	fmt.Println("lo is a loopback:", err == nil && lo.Flags&net.FlagLoopback != 0, said(err))

	root, err := user.LookupId("0")
	fmt.Println("user 0 is root:", err == nil && root.Username == "root", said(err))
}

func said(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}
