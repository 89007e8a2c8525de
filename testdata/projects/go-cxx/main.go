// Command go-cxx calls into C++ that prints, throws and catches.
package main

/*
#cgo CXXFLAGS: -std=c++17
#cgo LDFLAGS: -lstdc++
#include <stdlib.h>
#include "words.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

func main() {
	text := C.CString("a b a c b a")
	defer C.free(unsafe.Pointer(text))
	fmt.Println("distinct:", C.words_print(text))
	fmt.Println("result:", C.words_caught(3))
}
