// Two cgo modules that belong together: SQLite, and an extension that needs SQLite's header from elsewhere.
module example.org/go-sqlite

go 1.24

require (
	github.com/asg017/sqlite-vec-go-bindings v0.1.6
	github.com/mattn/go-sqlite3 v1.14.52
)
