// A cgo module that brings a large prebuilt C library along.
module example.org/go-kafka

go 1.24

require github.com/confluentinc/confluent-kafka-go/v2 v2.11.1
