package journeys_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/world"
)

const monolithSecret config.Secret = "what the monolith of the journeys signs its tokens with"

// monolith is what people come from: it answers with the address asked for.
func monolith(t *testing.T) (host string) {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "the monolith answers %s %s", r.Method, r.URL.Path)
	})}}
	server.Start()
	t.Cleanup(server.Close)
	return l.Addr().String()
}

// oldToken is what the monolith gave its user.
func oldToken(user string) string {
	encode := base64.RawURLEncoding.EncodeToString
	now := time.Now().Unix()
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(fmt.Appendf(nil, `{"sub":%s,"role":"admin","iat":%d,"exp":%d}`, user, now-60, now+3600))
	mac := hmac.New(sha256.New, []byte(monolithSecret.Value()))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// copyAccounts runs the script of phase 2 and gives its lines.
func copyAccounts(t *testing.T, servers world.Servers, csv string) []string {
	t.Helper()
	bin, err := embedded.FindPostgres()
	if err != nil {
		t.Fatal(err)
	}
	c := servers.Postgres
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "../../deployments/postgres/copy-accounts.sql") //nolint:gosec // PostgreSQL's own program
	cmd.Env = append(os.Environ(), "PGHOST="+c.Hosts[0].Host, "PGPORT="+strconv.Itoa(c.Hosts[0].Port), "PGUSER="+c.Username, "PGPASSWORD="+c.Password.Value(), "PGDATABASE="+c.Name)
	cmd.Stdin = strings.NewReader(csv)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

const oldAccounts = `id,email,first_name,last_name,role,created_at
42,Ada.From.Before@Example.org,Ada,L,admin,2024-05-01T10:00:00Z
43,bob.from.before@example.org,Bob,,responder,2024-05-02T10:00:00Z
44,ada.from.before@example.org,Impostor,,user,2025-01-01T10:00:00Z
45,nowhere,No,Address,user,2024-05-03T10:00:00Z
46,root@example.org,Root,,owner,2024-05-03T10:00:00Z
`

func TestWhoComesFromTheMonolithStaysSignedInAndIsThePersonTheyWere(t *testing.T) {
	t.Parallel()
	servers := world.OwnServers(t)
	w := world.Embedded(t, servers, world.Size{LegacyHost: monolith(t), LegacySecret: monolithSecret})
	for range 2 { // it may be run again
		lines := copyAccounts(t, servers, oldAccounts)
		if len(lines) != 5 || !strings.HasPrefix(lines[0], "refused 44: ") || !strings.HasPrefix(lines[1], "refused 45: ") || !strings.HasPrefix(lines[2], "refused 46: ") {
			t.Fatalf("the script says %q", lines)
		}
		if strings.TrimPrefix(lines[3], "old ") != strings.TrimPrefix(lines[4], "new ") || !strings.HasPrefix(lines[3], "old 2 ") {
			t.Errorf("the counts differ: %q", lines[3:])
		}
	}

	ada := world.Visitor(t, w)
	ada.Tokens.AccessToken = oldToken("42")
	var profile struct{ ID, Email, Role, FirstName string }
	ada.Profile().Want(http.StatusOK).Into(&profile)
	if profile.ID != token.LegacyUser("42") || profile.Email != "ada.from.before@example.org" || profile.Role != "USER" || profile.FirstName != "Ada" {
		t.Errorf("Ada is %+v", profile)
	}
	get := func(path string) world.Answer { return ada.Do(world.Call{Method: http.MethodGet, Path: path}) }
	get("/v1/notifications").Want(http.StatusOK)
	get("/v1/admin/users").Want(http.StatusForbidden)
	ticket := ada.CallForHelp(medical()).Ticket
	ada.Look(ticket.ID).Want(http.StatusOK)
	if got := fromMonolith(t, w.Gateways()[0]+"/users/me"); got != "the monolith answers GET /users/me" {
		t.Errorf("what only the monolith has: %s", got)
	}

	bob := world.Visitor(t, w)
	bob.Tokens.AccessToken = oldToken("43")
	bob.Profile().Want(http.StatusOK)
	bob.Logout()
	within(t, time.Minute, "the old token ends with signing out", refused(bob.Profile))

	resetByMail(t, w, ada, profile.Email)
	within(t, time.Minute, "the old token ends with the new password", refused(ada.Profile))
	ada.Email, ada.Password = profile.Email, "five loud windmills"
	ada.Login().Want(http.StatusOK).Into(&ada.Tokens)
	ada.Look(ticket.ID).Want(http.StatusOK)
}

// fromMonolith asks for what no document describes.
func fromMonolith(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %v", url, answer.StatusCode, err)
	}
	return string(body)
}

// resetByMail gives somebody without a password their first.
func resetByMail(t *testing.T, w world.Restartable, p *world.Person, address string) {
	t.Helper()
	posted, ok := w.(world.Posted)
	if !ok {
		t.Fatal("the mails of this world cannot be read")
	}
	p.Do(world.Call{Method: http.MethodPost, Path: "/v1/auth/password/forgot", Body: map[string]any{"email": address}}).Want(http.StatusAccepted)
	letter := world.AwaitLetter(t, posted, address, "#")
	p.Do(world.Call{Method: http.MethodPost, Path: "/v1/auth/password/reset", Body: map[string]any{
		"token": world.TokenIn(letter), "newPassword": "five loud windmills",
	}}).Want(http.StatusNoContent)
}
