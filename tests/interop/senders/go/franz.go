package main

import (
	"context"
	"fmt"
	"io"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/binding/format"
	"github.com/cloudevents/sdk-go/v2/binding/spec"
	"github.com/cloudevents/sdk-go/v2/types"
	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

// sendWithFranz writes events with the SDK's encoder, through a writer of records: it has no binding for franz-go.
func sendWithFranz(ctx context.Context, bootstrap, codec string, events []outgoing) error {
	compression, known := codecs[codec]
	if !known {
		return fmt.Errorf("unknown codec %q", codec)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap), kgo.ProducerBatchCompression(compression), kgo.ProducerLinger(lingering))
	if err != nil {
		return err
	}
	defer client.Close()
	promise := kgo.AbortingFirstErrPromise(client)
	for _, each := range events {
		writer := &recordWriter{Topic: each.topic, Key: []byte(each.event.Subject())}
		if _, err := binding.Write(ctx, binding.ToMessage(&each.event), writer, writer); err != nil {
			return err
		}
		client.Produce(ctx, (*kgo.Record)(writer), promise.Promise())
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	return promise.Err()
}

// recordWriter lets the SDK write an event into a record, as the Kafka protocol binding of CloudEvents has it.
type recordWriter kgo.Record

var (
	_ binding.StructuredWriter = (*recordWriter)(nil)
	_ binding.BinaryWriter     = (*recordWriter)(nil)
)

func (r *recordWriter) SetStructuredEvent(_ context.Context, how format.Format, event io.Reader) (err error) {
	r.setHeader("content-type", how.MediaType())
	r.Value, err = io.ReadAll(event)
	return err
}

func (r *recordWriter) Start(context.Context) error { return nil }

func (r *recordWriter) End(context.Context) error { return nil }

func (r *recordWriter) SetData(data io.Reader) (err error) {
	r.Value, err = io.ReadAll(data)
	return err
}

func (r *recordWriter) SetAttribute(attribute spec.Attribute, value any) error {
	if attribute.Kind() == spec.DataContentType {
		return r.setText("content-type", value)
	}
	return r.setText("ce_"+attribute.Name(), value)
}

func (r *recordWriter) SetExtension(name string, value any) error {
	return r.setText("ce_"+name, value)
}

// setText writes a value as the SDK spells it; one that is not there gets no header.
func (r *recordWriter) setText(name string, value any) error {
	if value == nil {
		return nil
	}
	text, err := types.Format(value)
	if err == nil {
		r.setHeader(name, text)
	}
	return err
}

func (r *recordWriter) setHeader(name, value string) {
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
}
