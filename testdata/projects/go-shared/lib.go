// Command go-shared is a library for C programs, built with -buildmode=c-shared.
package main

/*
#include <stdlib.h>

void goodbye_register(void);
*/
import "C"

import "unsafe"

//export GoAdd
func GoAdd(a, b C.int) C.int { return a + b }

//export GoMean
func GoMean(values *C.double, n C.int) C.double {
	sum := C.double(0)
	for _, v := range unsafe.Slice(values, int(n)) {
		sum += v
	}
	return sum / C.double(n)
}

// GoGreeting returns a string that the caller frees.
//
//export GoGreeting
func GoGreeting(name *C.char) *C.char {
	greeting := make(chan string)
	go func() { greeting <- "hello, " + C.GoString(name) }() // Goroutines run in a library too.
	return C.CString(<-greeting)
}

//export GoGoodbye
func GoGoodbye() { C.goodbye_register() }

func main() {}
