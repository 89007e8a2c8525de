// Command go-std uses the C parts of net and os/user and has no C code of its own: Go then links the program
// itself, on what it learns from a small C program it has the C compiler link first.
package main

import (
	"fmt"
	"net"
	"os"
	"os/user"
)

func main() {
	os.Setenv("GODEBUG", "netdns=cgo")
	addresses, err := net.LookupHost("localhost")
	fmt.Println("localhost is a loopback:", err == nil && net.ParseIP(addresses[0]).IsLoopback())
	root, err := user.LookupId("0")
	fmt.Println("user 0 is root:", err == nil && root.Username == "root")
}
