// Command host opens the plugin named by its argument and calls what the plugin exports.
package main

import (
	"fmt"
	"log"
	"os"
	"plugin"
)

func main() {
	p, err := plugin.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	double, err := p.Lookup("Double")
	if err != nil {
		log.Fatal(err)
	}
	name, err := p.Lookup("Name")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*name.(*string), double.(func(int) int)(21))
}
