package world

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	authapi "github.com/loveapp/backend/auth/api"
	gatewayapi "github.com/loveapp/backend/gateway/api"
	notificationapi "github.com/loveapp/backend/notification/api"
	sosapi "github.com/loveapp/backend/sos/api"
	"github.com/loveapp/backend/test/asyncapi"
	"github.com/loveapp/backend/test/openapi"
)

// Contract is the services' OpenAPI files, compiled at the first use: that
// takes long enough to do it once for all tests of a binary.
var Contract = sync.OnceValues(func() (*openapi.Contract, error) {
	return openapi.Load(map[string][]byte{
		"auth": authapi.Spec(), "notification": notificationapi.Spec(), "sos": sosapi.Spec(), "gateway": gatewayapi.Spec(),
	})
})

// SocketContract is the AsyncAPI file, compiled at the first use as well.
var SocketContract = sync.OnceValues(func() (*asyncapi.Contract, error) {
	return asyncapi.Load(notificationapi.Socket(), notificationapi.Spec())
})

// clientTimeout is far above any answer's time: a busy machine is no broken promise.
const clientTimeout = 30 * time.Second

// NewClient gives an HTTP client that holds every request and answer against
// the OpenAPI files, and fails the test where they differ. Its requests come
// from a loopback address of its own.
func NewClient(t T) *http.Client {
	t.Helper()
	return newClient(t, newSource())
}

type leniency struct{}

// What checked leaves unchecked.
const (
	mischief = iota + 1
	everything
)

// Mischief marks requests that break the contract on purpose: only their answers are checked.
func Mischief(ctx context.Context) context.Context {
	return context.WithValue(ctx, leniency{}, mischief)
}

// Unwatched marks requests whose time is measured: nothing is checked, which would take longer than the answer.
func Unwatched(ctx context.Context) context.Context {
	return context.WithValue(ctx, leniency{}, everything)
}

// checked is the contract test: a transport that looks at all that passes.
type checked struct {
	t        T
	contract *openapi.Contract
	next     http.RoundTripper
}

// RoundTrip sends the request and complains about what no file describes.
func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	c.t.Helper()
	lenient, _ := r.Context().Value(leniency{}).(int)
	if lenient == everything {
		return c.next.RoundTrip(r)
	}
	sent, err := replayable(r)
	if err != nil {
		return nil, err
	}
	if lenient == 0 {
		c.complain(c.contract.CheckRequest(r, sent))
	}
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read the answer to %s %s: %w", r.Method, r.URL.Path, err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(received))
	c.complain(c.contract.CheckAnswer(r, answer, received))
	return answer, nil
}

func (c checked) complain(complaint string) {
	c.t.Helper()
	if complaint != "" {
		c.t.Errorf("the contract is broken: %s", complaint)
	}
}

// replayable reads the request's body and puts it back.
func replayable(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}
