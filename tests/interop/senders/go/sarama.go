package main

import (
	"context"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
)

// sendWithSarama writes events with the SDK's own binding for Sarama.
func sendWithSarama(ctx context.Context, bootstrap, codec string, events []outgoing) error {
	config, err := configure(codec)
	if err != nil {
		return err
	}
	messages := make([]*sarama.ProducerMessage, len(events))
	for i, each := range events {
		messages[i] = &sarama.ProducerMessage{Topic: each.topic, Key: sarama.StringEncoder(each.event.Subject())}
		if err := kafka_sarama.WriteProducerMessage(ctx, binding.ToMessage(&each.event), messages[i]); err != nil {
			return err
		}
	}
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	if err != nil {
		return err
	}
	defer producer.Close()
	return producer.SendMessages(messages)
}

func configure(codec string) (*sarama.Config, error) {
	config := sarama.NewConfig()
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Return.Successes = true
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1 // what idempotence needs here
	config.Producer.Flush.Frequency = lingering
	return config, config.Producer.Compression.UnmarshalText([]byte(codec))
}
