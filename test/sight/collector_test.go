package sight_test

import (
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/loveapp/backend/shared/eventually"
)

// collector is an OTLP receiver (opentelemetry.io/docs/specs/otlp, over HTTP).
type collector struct {
	URL string

	mu    sync.Mutex
	spans []span
	texts strings.Builder // everything that came, as text
}

// span is as much of one as the tests ask for.
type span struct {
	Service, Name     string
	Trace, ID, Parent string
	Links             []string // traces
	Attributes        map[string]string
}

func collect(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	server := httptest.NewServer(http.HandlerFunc(c.receive))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *collector) receive(w http.ResponseWriter, r *http.Request) {
	var request otlp.ExportTraceServiceRequest
	body, err := gzip.NewReader(r.Body)
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(body); err == nil {
			err = proto.Unmarshal(text, &request)
		}
	}
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	c.keep(&request)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (c *collector) keep(request *otlp.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts.WriteString(request.String())
	for _, resource := range request.GetResourceSpans() {
		service := ""
		for _, a := range resource.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				service = a.GetValue().GetStringValue()
			}
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				one := span{
					Service: service, Name: s.GetName(), Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()),
					Parent: hex.EncodeToString(s.GetParentSpanId()), Attributes: map[string]string{},
				}
				for _, l := range s.GetLinks() {
					one.Links = append(one.Links, hex.EncodeToString(l.GetTraceId()))
				}
				for _, a := range s.GetAttributes() {
					one.Attributes[a.GetKey()] = a.GetValue().String()
				}
				c.spans = append(c.spans, one)
			}
		}
	}
}

// of are the spans of a trace that have come so far.
func (c *collector) of(trace string) (found []span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.Trace == trace {
			found = append(found, s)
		}
	}
	return found
}

// everything is all that was received, as text.
func (c *collector) everything() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.texts.String()
}

// await waits until the trace has a span of the service and name, and gives it.
func (c *collector) await(t *testing.T, trace, service, name string) span {
	t.Helper()
	var found span
	eventually.True(t, "a span "+service+" / "+name, func() bool {
		for _, s := range c.of(trace) {
			if s.Service == service && s.Name == name {
				found = s
				return true
			}
		}
		return false
	})
	return found
}
