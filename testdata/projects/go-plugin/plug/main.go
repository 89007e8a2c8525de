// Command plug is a plugin: its function is computed in C.
package main

// static int twice(int x) { return 2 * x; }
import "C"

var Name = "plug"

func Double(x int) int { return int(C.twice(C.int(x))) }

func main() {}
