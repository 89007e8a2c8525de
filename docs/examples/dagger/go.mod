module example.org/release

go 1.24.0

require dagger.io/dagger v0.19.6
