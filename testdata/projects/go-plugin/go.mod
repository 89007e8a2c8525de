// A program and the plugin it loads.
module example.org/go-plugin

go 1.24
