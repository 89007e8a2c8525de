// Command go-macos asks macOS for what most cgo programs do: names and users of the C library, certificates of Security, and
// functions of its own that C calls. It is built as a program, a library, an archive and a plugin.
package main

/*
#include "called.h"
*/
import "C"

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"os/user"
)

//export goSquare
func goSquare(n C.int) C.int { return n * n }

// Fetch is what a plugin's host looks up.
func Fetch(address string) string {
	answer, err := http.Get(address)
	if err != nil {
		return err.Error()
	}
	answer.Body.Close()
	return answer.Status
}

func main() {
	fmt.Println("squares:", C.sum_of_squares(4))
	pool, err := x509.SystemCertPool()
	fmt.Println("certificates:", pool != nil, err)
	me, err := user.Current()
	fmt.Println("user:", me, err)
	fmt.Println(Fetch("https://localhost:1"))
}
