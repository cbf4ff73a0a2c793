package redispool_test

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/loveapp/backend/shared/trust/trusttest"
)

func TestACertificateOfRedisThatIsNotAcceptedIsUnavailableAndExplainedOnce(t *testing.T) {
	t.Parallel()
	plain, ours := redistest.Config(t), trusttest.New(t, "ours")
	c := plain
	c.TLS, c.Roots = true, ours.Pool()
	var said bytes.Buffer
	c.Logger = slog.New(slog.NewTextHandler(&said, nil))
	for _, tt := range []struct {
		certificate trusttest.Certificate
		want        string
	}{
		{ours.Issue(t, trusttest.Expired("127.0.0.1", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))), "expired on 2 January 2026, 03:04 UTC: renew it there (REDIS_TLS)"},
		{ours.Issue(t, trusttest.Now("cache.example.org")), "is for cache.example.org and for no 127.0.0.1: correct REDIS_HOST"},
		{trusttest.New(t, "others").Issue(t, trusttest.Now("127.0.0.1")), "name the file with its authority in REDIS_TLS_CA"},
		{ours.Issue(t, trusttest.Now("127.0.0.1")), ""},
	} {
		c.Addrs = []config.HostPort{secured(t, plain, ours, tt.certificate)}
		pool := open(t, c)
		said.Reset()
		for range 2 {
			err := pool.Ping(t.Context())
			if tt.want == "" {
				if err != nil {
					t.Fatalf("a good certificate: %v", err)
				}
				continue
			}
			wantUnavailable(t, err)
			if text := said.String(); strings.Count(text, tt.want) != 1 || strings.Count(text, "\n") != 1 {
				t.Errorf("it says %q, want once: %s", text, tt.want)
			}
		}
	}
}

// secured has the server show that certificate on another port of its own.
func secured(t *testing.T, c redispool.Config, ca *trusttest.Authority, shown trusttest.Certificate) config.HostPort {
	t.Helper()
	port := freeport.Reserve(t)
	if _, err := redispool.OnNode(t.Context(), c, "CONFIG", "SET", "tls-cert-file", shown.File, "tls-key-file", shown.KeyFile,
		"tls-ca-cert-file", ca.File, "tls-auth-clients", "no", "tls-port", strconv.Itoa(port)); err != nil {
		t.Fatalf("Redis does not take a certificate: %v", err)
	}
	return config.HostPort{Host: "127.0.0.1", Port: port}
}
