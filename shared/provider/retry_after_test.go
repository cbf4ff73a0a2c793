package provider_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/provider"
)

func TestRetryAfterIsUnderstoodInBothForms(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		header      string
		least, most time.Duration
	}{
		"nothing":          {"", 0, 0},
		"seconds":          {"7", 7 * time.Second, 7 * time.Second},
		"a date":           {in(30 * time.Minute), 29 * time.Minute, 30 * time.Minute},
		"a date long past": {in(-time.Hour), 0, 0},
		"a date far ahead": {in(9000 * time.Hour), time.Hour, time.Hour},
		"a year":           {"31536000", time.Hour, time.Hour},
		"less than none":   {"-5", 0, 0},
		"garbage":          {"soon", 0, 0},
		"too many digits":  {"99999999999999999999", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := refusal(t, c.header)
			if refused.Kind != provider.Throttled || refused.RetryAfter < c.least || refused.RetryAfter > c.most {
				t.Errorf("%q is told as %+v, want %s to %s", c.header, refused, c.least, c.most)
			}
		})
	}
}

// refusal is how a provider is told that answers 429 with that header.
func refusal(t *testing.T, header string) *provider.Error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if header != "" {
			w.Header().Set("Retry-After", header)
		}
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(server.Close)
	exchange := provider.NewExchange(provider.ExchangeConfig{Provider: "sms", Limit: time.Minute})
	t.Cleanup(func() { _ = exchange.Close() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := exchange.Do(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	refused, ok := errors.AsType[*provider.Error](exchange.Refusal(provider.Throttled, "", answer))
	if !ok {
		t.Fatal("a refusal is no provider.Error")
	}
	return refused
}
