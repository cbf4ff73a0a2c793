package world

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
)

// Stream is server-sent events of a person's inbox.
type Stream struct {
	t     T
	lines *bufio.Scanner
}

// StreamEvent is one of them: its id is the cursor.
type StreamEvent struct {
	ID, Event string
	Frame     Frame
}

// Listen opens the stream up to its greeting, going on behind lastID unless that is "".
func (p *Person) Listen(lastID string) *Stream {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.gateway+"/v1/events", http.NoBody)
	if err != nil {
		p.t.Fatalf("a stream: %v", err)
	}
	r.Header.Set("Authorization", "Bearer "+p.Tokens.AccessToken)
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		p.t.Fatalf("a stream: %v", err)
	}
	p.t.Cleanup(func() { _ = answer.Body.Close() })
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		p.t.Fatalf("a stream was answered %s, %q", answer.Status, kind)
	}
	s := &Stream{p.t, bufio.NewScanner(answer.Body)}
	s.Expect("connected")
	return s
}

// Expect gives the next event and fails unless it is of that name; comments that
// keep the line open are passed over. It waits until the test's own time is over.
func (s *Stream) Expect(event string) StreamEvent {
	s.t.Helper()
	var got StreamEvent
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case name == "id":
			got.ID = value
		case name == "event":
			got.Event = value
		case name == "data":
			got.Frame.Raw = []byte(value)
			if err := json.Unmarshal(got.Frame.Raw, &got.Frame); err != nil {
				s.t.Fatalf("an event holds %s: %v", value, err)
			}
		case s.lines.Text() == "" && got.Event != "":
			if got.Event != event {
				s.t.Fatalf("the event is %s %s, want %s", got.Event, got.Frame.Raw, event)
			}
			return got
		case s.lines.Text() == "":
			got = StreamEvent{}
		}
	}
	s.t.Fatalf("the stream ended before %s: %v", event, s.lines.Err())
	return got
}
