package asyncapi_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/api"
	"github.com/loveapp/backend/test/asyncapi"
)

func load(t *testing.T) *asyncapi.Contract {
	t.Helper()
	c, err := asyncapi.Load(api.Socket(), api.Spec())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The types are those of CONTRACT.md.
func TestEveryTypeIsDescribed(t *testing.T) {
	t.Parallel()
	c := load(t)
	said := []string{"ack", "auth", "join", "leave", "ping", "refresh", "resume"}
	heard := []string{
		"connected", "deleted", "error", "event", "joined", "left", "notification", "pong", "read", "reconnect",
		"refreshed", "reset", "resumed", "unread",
	}
	if diff := cmp.Diff(said, c.Said()); diff != "" {
		t.Errorf("from clients (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(heard, c.Heard()); diff != "" {
		t.Errorf("from the server (-want +got):\n%s", diff)
	}
}

const (
	id           = `"01a20580-3a7a-7d17-89be-cd5cad1ea079"`
	at           = `"2026-01-02T03:04:05.678Z"`
	notification = `{"id":` + id + `,"seq":7,"category":"sos","priority":"critical","title":"t","body":"b","data":{"kind":"sos.triggered"},"createdAt":` + at + `,"readAt":null,"expiresAt":null}`
)

func TestWhatTheFileDoesNotDescribeIsFound(t *testing.T) {
	t.Parallel()
	c := load(t)
	for text, good := range map[string]bool{
		`{"type":"notification","seq":7,"notification":` + notification + `}`:                               true,
		`{"type":"notification","seq":-7,"notification":` + notification + `}`:                              false,
		`{"type":"notification","seq":7,"notification":{"id":` + id + `}}`:                                  false,
		`{"type":"notification","seq":7,"notification":` + notification + `,"more":1}`:                      false,
		`{"type":"left","room":"topic:a"}`:                                                                  true,
		`{"type":"left","room":"topic:a","code":"room_closed"}`:                                             true,
		`{"type":"left","room":"topic:a","code":"whatever"}`:                                                false,
		`{"type":"event","room":"topic:a","event":"status","id":"1","at":` + at + `,"data":{}}`:             true,
		`{"type":"event","room":"topic:a","event":"status","data":{}}`:                                      false,
		`{"type":"read","ids":[` + id + `],"unreadCount":0}`:                                                true,
		`{"type":"read","ids":["x"],"unreadCount":0}`:                                                       false,
		`{"type":"reconnect","retryAfterMs":1.5}`:                                                           false,
		`{"type":"connected","connectionId":` + id + `,"userId":` + id + `,"seq":0,"expiresAt":"tomorrow"}`: false,
		`{"type":"nonsense"}`: false,
		`{"seq":1}`:           false,
		`[]`:                  false,
		`{`:                   false,
	} {
		if err := c.CheckHeard([]byte(text)); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, good := range map[string]bool{
		`{"type":"ack","seq":1}`: true, `{"type":"ack","ids":["a"]}`: true, `{"type":"ack"}`: false,
		`{"type":"resume"}`: false, `{"type":"join","room":"elsewhere:1"}`: false,
	} {
		if err := c.CheckSaid([]byte(text)); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAFileWithHolesIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no YAML":   "a: [",
		"no schema": "operations: {say: {messages: [{$ref: '#/nowhere'}]}}",
		"no type":   "operations: {say: {messages: [{$ref: '#/m'}]}}\ncomponents: {messages: {m: {payload: {type: object}}}}",
	} {
		if _, err := asyncapi.Load([]byte(text), api.Spec()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if slices.Contains(load(t).Heard(), "") {
		t.Error("a type has no name")
	}
}
