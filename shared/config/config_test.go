package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
)

type settings struct {
	config.Infra

	Port  int             `envconfig:"TEST_PORT" default:"3000"`
	Life  config.Duration `envconfig:"TEST_LIFE" default:"15m"`
	On    bool            `envconfig:"TEST_ON"`
	Key   config.Secret   `envconfig:"TEST_KEY"`
	NoEnv func()
}

func TestLoadTakesDefaultsAndTheEnvironment(t *testing.T) {
	t.Setenv("TEST_LIFE", "7d")
	t.Setenv("DATABASE_HOST", "postgres-master")
	var got settings
	if err := config.Load(&got); err != nil {
		t.Fatal(err)
	}
	if got.Port != 3000 || got.Life.Std() != 7*24*time.Hour || got.DatabaseHost != "postgres-master" || got.RedisPort != 6379 {
		t.Fatalf("loaded %+v", got)
	}
}

func TestLoadNamesEveryMistakeAndRepeatsNoValue(t *testing.T) {
	t.Setenv("TEST_PORT", "hunter2")
	t.Setenv("TEST_LIFE", "soon")
	t.Setenv("DATABASE_PORT", "many")
	err := config.Load(&settings{})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"TEST_PORT", "TEST_LIFE must be a duration such as 15m, 24h or 7d", "DATABASE_PORT"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%q repeats a value that may be a secret", err)
	}
}

func TestASecretCannotBePrinted(t *testing.T) {
	t.Parallel()
	s := config.Secret("correct horse battery staple")
	encoded, err := json.Marshal(map[string]any{"a": s, "b": struct{ S config.Secret }{s}})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", s, "struct", struct{ S config.Secret }{s})
	shown := fmt.Sprint(s) + fmt.Sprintf("%s %v %+v %#v %q %x %d", s, s, struct{ S config.Secret }{s}, struct{ S config.Secret }{s}, s, s, s) +
		string(encoded) + log.String()
	for _, leak := range []string{"correct", "636f7272656374"} {
		if strings.Contains(shown, leak) {
			t.Fatalf("leaked in %s", shown)
		}
	}
	if s.Value() != "correct horse battery staple" {
		t.Fatal("Value must give it")
	}
}

func TestCheckSecretRefusesWhatAnAttackerWouldTry(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ secret, complaint string }{
		"missing":        {"", "is not set"},
		"short":          {"tooshort", "has 8 bytes"},
		"SEED's example": {"your-super-secure-secret", "is an example"},
		"good":           {"4a7d1ed414474e4033ac29ccb8653d9b4a7d1ed4", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := config.CheckSecret("JWT_SECRET", config.Secret(c.secret))
			if c.complaint == "" && got != "" || !strings.Contains(got, c.complaint) {
				t.Fatalf("said %q", got)
			}
			if c.secret != "" && strings.Contains(got, c.secret) {
				t.Fatalf("%q repeats the secret", got)
			}
		})
	}
}

func TestParseHosts(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		list string
		want string // host:port joined by blanks; "error"
	}{
		"a name":              {"postgres-master", "postgres-master:5432"},
		"a list with ports":   {"a:1, b ,c:3", "a:1 b:5432 c:3"},
		"IPv6 bare":           {"::1", "[::1]:5432"},
		"IPv6 with port":      {"[::1]:6000", "[::1]:6000"},
		"nothing":             {"", ""},
		"a URL":               {"tcp://10.0.0.1:5432", "error"},
		"a port out of range": {"a:70000", "error"},
		"a port with no host": {":5432", "error"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosts, err := config.ParseHosts(c.list, 5432)
			addrs := make([]string, 0, len(hosts))
			for _, h := range hosts {
				addrs = append(addrs, h.Addr())
			}
			got := strings.Join(addrs, " ")
			if err != nil {
				got = "error"
			}
			if got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParsePrefixes(t *testing.T) {
	t.Parallel()
	got, err := config.ParsePrefixes("10.1.2.3/8, ::1 ,192.0.2.7")
	if err != nil || fmt.Sprint(got) != "[10.0.0.0/8 ::1/128 192.0.2.7/32]" {
		t.Fatalf("%v %v", got, err)
	}
	if _, err := config.ParsePrefixes("10.0.0.0/33"); err == nil {
		t.Fatal("a prefix of 33 bits passed")
	}
}

func TestCheckInfraReportsEverythingAtOnceInAFixedOrder(t *testing.T) {
	t.Parallel()
	broken := config.Infra{DatabaseHost: "a/b", DatabasePort: -1, RedisPort: 70000, PublicURL: "nowhere", TrustedProxies: "x", LogLevel: "loud", DatabasePoolMax: 0}
	say := func() string {
		var m config.Mistakes
		broken.CheckInfra(&m)
		return m.Err().Error()
	}
	first := say()
	for _, want := range []string{"DATABASE_HOST", "DATABASE_PORT", "REDIS_PORT", "INTERNAL_SECRET", "PUBLIC_URL", "TRUSTED_PROXIES", "LOG_LEVEL", "DATABASE_POOL_MAX"} {
		if !strings.Contains(first, want) {
			t.Errorf("%q leaves out %s", first, want)
		}
	}
	for range 20 {
		if say() != first {
			t.Fatal("the order changes from start to start")
		}
	}
}
