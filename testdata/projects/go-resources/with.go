//go:build cgo

package main

// static int twice(int number) { return 2 * number; }
import "C"

import "fmt"

var how = fmt.Sprint("with C ", C.twice(21))
