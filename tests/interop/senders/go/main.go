// Command sender sends events with the CloudEvents SDK of Go, by franz-go or Sarama: sender BOOTSTRAP FILE.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
)

// lingering is long enough that what is sent in one go becomes one batch a partition.
const lingering = time.Second

// patience is hundreds of times what a broker takes; then it is not there.
const patience = time.Minute

// manner is what one producer sends: all events of a client, a mode and a codec.
type manner struct {
	Client string `json:"client"`
	Mode   string `json:"mode"`
	Codec  string `json:"codec"`
}

// order is a line of the file.
type order struct {
	manner
	Topic string `json:"topic"`
	// Bytes says that the data is handed to the SDK as the bytes of JSON.
	Bytes bool           `json:"bytes"`
	Event map[string]any `json:"event"`
}

// outgoing is an event with the topic that it goes to.
type outgoing struct {
	topic string
	event cloudevents.Event
}

// send sends events and returns when all are acknowledged; the context says in which mode they are written.
type send func(ctx context.Context, bootstrap, codec string, events []outgoing) error

var clients = map[string]send{"franz-go": sendWithFranz, "sarama": sendWithSarama}

var modes = map[string]func(context.Context) context.Context{
	"binary":     binding.WithForceBinary,
	"structured": binding.WithForceStructured,
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(bootstrap, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	manners, events, err := read(file)
	if err != nil {
		return err
	}
	for _, each := range manners {
		if err := sendAll(bootstrap, each, events[each]); err != nil {
			return fmt.Errorf("%s, %s, %s: %w", each.Client, each.Mode, each.Codec, err)
		}
	}
	return nil
}

// read returns the manners in their order, and the events of each.
func read(lines io.Reader) ([]manner, map[manner][]outgoing, error) {
	var manners []manner
	events := map[manner][]outgoing{}
	for decoder := json.NewDecoder(lines); ; {
		var next order
		if err := decoder.Decode(&next); errors.Is(err, io.EOF) {
			return manners, events, nil
		} else if err != nil {
			return nil, nil, err
		}
		event, err := build(next.Event, next.Bytes)
		if err != nil {
			return nil, nil, err
		}
		if _, known := events[next.manner]; !known {
			manners = append(manners, next.manner)
		}
		events[next.manner] = append(events[next.manner], outgoing{next.Topic, event})
	}
}

func sendAll(bootstrap string, how manner, events []outgoing) error {
	send, force := clients[how.Client], modes[how.Mode]
	if send == nil || force == nil {
		return errors.New("unknown client or mode")
	}
	ctx, cancel := context.WithTimeout(force(context.Background()), patience)
	defer cancel()
	return send(ctx, bootstrap, how.Codec, events)
}
