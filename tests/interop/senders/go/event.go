package main

import (
	"encoding/json"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
)

// build makes an event of the SDK from a structured one; its data is an object, or the bytes of JSON.
func build(given map[string]any, asBytes bool) (cloudevents.Event, error) {
	event := cloudevents.NewEvent()
	for name, value := range given {
		text, _ := value.(string)
		switch name {
		case "specversion", "datacontenttype", "data":
		case "id":
			event.SetID(text)
		case "type":
			event.SetType(text)
		case "source":
			event.SetSource(text)
		case "subject":
			event.SetSubject(text)
		case "time":
			moment, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return event, err
			}
			event.SetTime(moment)
		default:
			event.SetExtension(name, value)
		}
	}
	data := given["data"]
	if asBytes {
		written, err := json.Marshal(data)
		if err != nil {
			return event, err
		}
		data = written
	}
	if err := event.SetData(cloudevents.ApplicationJSON, data); err != nil {
		return event, err
	}
	return event, event.Validate()
}
