package auth_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestTheServiceStartsBeforeItsDatabaseIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.database.Name += "_later"
	one := w.start(t)
	for _, path := range []string{"/v1/auth/profile", "/internal/revocations", "/health/ready"} {
		want(t, one.call(http.MethodGet, path, "", nil), http.StatusServiceUnavailable, "unavailable")
	}
	want(t, one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "a@example.org", "password": "x"}), http.StatusServiceUnavailable, "unavailable")
	want(t, one.call(http.MethodGet, "/.well-known/jwks.json", "", nil), http.StatusOK, "")
	want(t, one.call(http.MethodGet, "/health/live", "", nil), http.StatusOK, "")
	want(t, one.call(http.MethodGet, "/v1/nothing", "", nil), http.StatusNotFound, "not_found")

	admin := w.database
	admin.Name = strings.TrimSuffix(admin.Name, "_later")
	if _, err := pgtest.Admin(t, admin).ExecContext(t.Context(), `CREATE DATABASE `+w.database.Name); err != nil {
		t.Fatal(err)
	}
	one.ready().register("ana@example.org")
	if err := one.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgtest.Admin(t, admin).ExecContext(t.Context(), `DROP DATABASE `+w.database.Name+` WITH (FORCE)`); err != nil {
		t.Fatal(err)
	}
}

func TestADatabaseThatGoesAwayIsATemporaryTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.startQuick(t).ready()
	s := one.register("ana@example.org")
	admin := pgtest.Admin(t, w.database)
	if _, err := admin.ExecContext(t.Context(), `ALTER TABLE auth.users RENAME TO users_away`); err != nil {
		t.Fatal(err)
	}
	want(t, one.profile(s), http.StatusInternalServerError, "internal") // a defect, told as nothing but that
	if _, err := admin.ExecContext(t.Context(), `ALTER TABLE auth.users_away RENAME TO users`); err != nil {
		t.Fatal(err)
	}
	const endOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
	for range 3 {
		if _, err := admin.ExecContext(t.Context(), endOthers); err != nil {
			t.Fatal(err)
		}
		eventually.True(t, "back", func() bool { return one.profile(s).status == http.StatusOK })
	}
}

func TestTheFirstAdministratorIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signIn := func(one copyOf, email, password string) result {
		return one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": email, "password": password})
	}
	c := w.config(t)
	c.AdminEmail, c.AdminPassword = "Root@Example.org", "the first administrator"
	one := start(t, c).ready()
	got := signIn(one, "root@example.org", "the first administrator")
	if got.status != http.StatusOK || got.User.Role != "SUPER_ADMIN" {
		t.Fatalf("%+v", got)
	}
	one.register("ana@example.org")

	c = w.config(t)
	c.AdminEmail, c.AdminPassword = "other@example.org", "the other administrator"
	two := start(t, c).ready()
	want(t, signIn(two, "other@example.org", "the other administrator"), http.StatusUnauthorized, "invalid_credentials")
	if got := signIn(two, "root@example.org", "the first administrator"); got.User.Role != "SUPER_ADMIN" {
		t.Fatalf("%+v", got)
	}
}

func TestAnAccountIsNotMadeAdministratorByItsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t).ready().register("root@example.org")
	c := w.config(t)
	c.AdminEmail, c.AdminPassword = "root@example.org", "the first administrator"
	two := start(t, c).ready()
	got := two.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "root@example.org", "password": password})
	if got.status != http.StatusOK || got.User.Role != "USER" {
		t.Fatalf("%+v", got)
	}
}

func TestAHashOfOtherCostsIsReplacedAtTheNextSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.start(t).ready()
	one.register("ana@example.org")
	db, err := database.Open(t.Context(), w.database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	// m=64 KiB, t=1: what an older version might have stored for "correct horse battery staple".
	const cheap = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM0NTY$"
	if _, err := db.Primary().ExecContext(t.Context(), `UPDATE users SET password_hash = $1`, cheap+cheapKey(t)); err != nil {
		t.Fatal(err)
	}
	hash := func() (hash string) {
		if err := db.Primary().GetContext(t.Context(), &hash, `SELECT password_hash FROM users`); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	wrong := one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "ana@example.org", "password": "wrong password"})
	want(t, wrong, http.StatusUnauthorized, "invalid_credentials")
	if !strings.HasPrefix(hash(), cheap) {
		t.Fatal("a wrong password was hashed and kept")
	}
	for range 2 {
		right := one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "ana@example.org", "password": password})
		want(t, right, http.StatusOK, "")
		if !strings.HasPrefix(hash(), "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Fatalf("%s", hash())
		}
	}
}

// lines collects a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestNoSecretAndNoAddressIsLoggedOrKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := new(lines)
	c := w.config(t)
	c.Logger = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	one := start(t, c).ready()
	first := one.register("ana.secret@example.org")
	second := one.refresh(first)
	third := one.refresh(second)
	one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "ana.secret@example.org", "password": "a wrong one"})
	one.refresh(result{RefreshToken: first.RefreshToken}) // theft, which warns
	if !strings.Contains(log.String(), "refresh token reuse ended a session") {
		t.Error("theft left no line in the log")
	}
	db, err := database.Open(t.Context(), w.database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var kept string
	const everything = `SELECT coalesce(string_agg(line, ' '), '') FROM (SELECT u::text AS line FROM users u UNION ALL SELECT s::text FROM sessions s
		UNION ALL SELECT a::text FROM audit_events a UNION ALL SELECT r::text FROM revocations r) everything`
	if err := db.Primary().GetContext(t.Context(), &kept, everything); err != nil {
		t.Fatal(err)
	}
	secrets := []string{password, "a wrong one"}
	for _, s := range []result{first, second, third} {
		secrets = append(secrets, s.AccessToken, s.RefreshToken, s.DeviceToken)
		for _, token := range []string{s.RefreshToken, s.DeviceToken} {
			secrets = append(secrets, token[strings.LastIndexByte(token, '.')+1:])
		}
	}
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) || strings.Contains(kept, secret) {
			t.Errorf("found %s", secret)
		}
	}
	if strings.Contains(log.String(), "ana.secret") {
		t.Error("an address is in the log")
	}
}

func TestMetricsAreOnTheAdminPortOnly(t *testing.T) {
	t.Parallel()
	c := newWorld(t).config(t)
	c.Metrics, c.MetricsPort, c.ListenHost = nil, 0, "127.0.0.1"
	log := new(lines)
	c.Logger = slog.New(slog.NewJSONHandler(log, nil))
	one := start(t, c).ready()
	one.register("ana@example.org")
	want(t, one.call(http.MethodGet, "/metrics", "", nil), http.StatusNotFound, "not_found")
	_, rest, found := strings.Cut(log.String(), `"metrics_url":"`)
	url, _, _ := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("where is it? %s", log)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := one.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{`auth_events_total{event="registered",service="auth"} 1`, `http_requests_total{`, `go_sql_open_connections{`} {
		if !strings.Contains(string(text), metric) {
			t.Errorf("no %s", metric)
		}
	}
}

func TestEveryMistakeOfTheConfigurationIsNamedAtOnceAndNoSecretShown(t *testing.T) {
	t.Parallel()
	c := auth.Config{JWTSecret: "too-short-to-be-good", JWTSecretNext: "short-too", AdminEmail: "root@example.org", MetricsPort: 99999}
	c.InternalSecret = "your-super-secure-secret"
	c.PublicURL, c.DatabasePort, c.TrustedProxies = "localhost", -1, "everybody"
	c.OIDCIssuers = "acme"
	_, err := auth.New(t.Context(), c)
	if err == nil {
		t.Fatal("it starts")
	}
	for _, name := range []string{"JWT_SECRET ", "JWT_SECRET_NEXT", "INTERNAL_SECRET", "ADMIN_PASSWORD", "METRICS_PORT", "PUBLIC_URL", "DATABASE_PORT", "TRUSTED_PROXIES", "JWT_EXPIRES_IN", "OIDC_ISSUERS"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
	for _, secret := range []config.Secret{c.JWTSecret, c.JWTSecretNext, c.InternalSecret} {
		if strings.Contains(err.Error(), secret.Value()) {
			t.Errorf("a secret is shown in: %v", err)
		}
	}
}

func TestATakenPortIsOneClearSentence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.config(t)
	taken := c.Listener
	t.Cleanup(func() { _ = taken.Close() })
	c.Listener, c.ListenHost = nil, "127.0.0.1"
	c.AuthServicePort = addrPort(t, taken)
	if _, err := auth.New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "is taken by another process") {
		t.Fatalf("%v", err)
	}
}

func TestTwoHundredSignInsAtOnceAreServedOrToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	one := newWorld(t).start(t).ready()
	s := one.register("ana@example.org")
	var served, later atomic.Int64
	var crowd sync.WaitGroup
	for range 200 {
		crowd.Go(func() {
			got := one.call(http.MethodPost, "/v1/auth/login", "", map[string]string{"email": "ana@example.org", "password": password})
			switch {
			case got.status == http.StatusOK:
				served.Add(1)
			case got.status == http.StatusServiceUnavailable && got.Code == "unavailable" && got.retryAfter != "":
				later.Add(1)
			default:
				t.Errorf("%+v", got)
			}
		})
	}
	for range 20 { // a refresh does not stand in that queue
		next := one.refresh(s)
		want(t, next, http.StatusOK, "")
		s = next
	}
	crowd.Wait()
	if served.Load() == 0 || served.Load()+later.Load() != 200 {
		t.Fatalf("%d served, %d sent away", served.Load(), later.Load())
	}
}
