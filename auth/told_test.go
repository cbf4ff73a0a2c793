package auth_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/redispool"
)

// everythingIn gives all keys and values of a Redis.
func everythingIn(t *testing.T, pool *redispool.Pool) string {
	t.Helper()
	do := func(command string, args ...any) any {
		reply, err := pool.Do(t.Context(), command, args...)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	keys, _ := do("KEYS", "*").([]any)
	var all strings.Builder
	for _, key := range keys {
		kind := fmt.Sprintf("%s", do("TYPE", key))
		read := map[string]string{"string": "GET", "hash": "HGETALL", "none": "TYPE"}[kind] // it may have expired
		if read == "" {
			t.Fatalf("%s is a %s, which this test cannot read", key, kind)
		}
		value := do(read, key)
		_, _ = fmt.Fprintf(&all, "%s %s\n", key, value)
	}
	return all.String()
}

func (c copyOf) page(url string) string {
	c.tb.Helper()
	req, err := http.NewRequestWithContext(c.tb.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		c.tb.Fatal(err)
	}
	res, err := c.client.Do(req)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.tb.Fatal(err)
	}
	return string(text)
}

// TestNeitherRedisNorMetricsNorLogsTellASecret: of all that somebody has typed
// or been given on the way, nothing stands there, and what should stand there does.
func TestNeitherRedisNorMetricsNorLogsTellASecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, log := w.config(t), new(lines)
	c.Metrics, c.MetricsPort, c.ListenHost = nil, 0, "127.0.0.1"
	c.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	one := start(t, c).ready()
	const address, wrong, renewed = "ana.secret@example.org", "a wrong one of hers", "another horse battery of hers"
	sign := func(with string) result {
		return one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": address, "password": with})
	}
	first := one.register(address)
	second := one.refresh(first)
	third := sign(password)
	want(t, sign(wrong), http.StatusUnauthorized, "invalid_credentials")
	want(t, one.call(http.MethodPost, "/v1/auth/password/forgot", "", map[string]string{"email": address}), http.StatusAccepted, "")
	change := map[string]string{"currentPassword": password, "newPassword": renewed}
	want(t, one.call(http.MethodPost, "/v1/auth/password/change", third.AccessToken, change), http.StatusNoContent, "")

	pool, err := redispool.Open(w.redis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	_, rest, _ := strings.Cut(log.String(), `"metrics_url":"`)
	url, _, _ := strings.Cut(rest, `"`)
	var inRedis, metrics string
	eventually.Within(t, soon, "what auth remembers is in Redis, and its hits are counted", func() bool { // a cache may forget
		third = one.refresh(third)
		want(t, one.profile(third), http.StatusOK, "")
		want(t, one.call(http.MethodGet, "/v1/auth/sessions", third.AccessToken, nil), http.StatusOK, "")
		inRedis, metrics = everythingIn(t, pool), one.page(url+"/metrics")
		return strings.Contains(inRedis, "user:"+first.User.ID) && strings.Contains(inRedis, "token:"+first.User.ID) &&
			strings.Contains(metrics, `auth_events_total{event="user_cache_hit"`)
	})
	told := map[string]string{"Redis": inRedis, "the metrics": metrics, "the log": log.String()}
	secrets := []string{address, "ana.secret", password, wrong, renewed}
	for _, s := range []result{first, second, third} {
		for _, token := range []string{s.AccessToken, s.RefreshToken, s.DeviceToken} {
			secrets = append(secrets, token[strings.LastIndexByte(token, '.')+1:])
		}
	}
	for where, text := range told {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q", where, secret)
			}
		}
	}
}
