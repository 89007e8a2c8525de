// Command go-kafka makes a producer, with TLS and compression configured so that those parts of librdkafka are
// linked and used, and closes it. There is no broker and none is needed.
package main

import (
	"fmt"
	"log"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func main() {
	number, version := kafka.LibraryVersion()
	fmt.Printf("librdkafka %s %#x\n", version, number)

	producer, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": "127.0.0.1:1",
		"security.protocol": "ssl",
		"compression.type":  "zstd",
		"log_level":         0,
	})
	if err != nil {
		log.Fatal(err)
	}
	topic := "nowhere"
	err = producer.Produce(&kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
		Value:          []byte("unsent"),
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := producer.Purge(kafka.PurgeQueue | kafka.PurgeInFlight); err != nil {
		log.Fatal(err)
	}
	for event := range producer.Events() {
		if message, ok := event.(*kafka.Message); ok {
			fmt.Printf("%s: %v\n", message.Value, message.TopicPartition.Error)
			break
		}
	}
	producer.Close()
	fmt.Println("closed")
}
