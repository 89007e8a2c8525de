// Command go-archive is a library for C programs, built with -buildmode=c-archive.
package main

/*
#include <stdint.h>

typedef int (*compare)(int32_t, int32_t);

int call_compare(compare f, int32_t a, int32_t b);
*/
import "C"

import (
	"slices"
	"unsafe"
)

// GoSort sorts the caller's array with the caller's comparison.
//
//export GoSort
func GoSort(values *C.int32_t, n C.int, f C.compare) {
	slices.SortStableFunc(unsafe.Slice(values, int(n)), func(a, b C.int32_t) int {
		return int(C.call_compare(f, a, b))
	})
}

//export GoHalf
func GoHalf(x C.float) C.float { return x / 2 }

func main() {}
