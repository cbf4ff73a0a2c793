package token_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
)

func TestTheCredentialIsTakenFromTheHeader(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		values             []string
		scheme, credential string
	}{
		"bearer":               {[]string{"Bearer abc.def-_~+/="}, "Bearer", "abc.def-_~+/="},
		"in any case":          {[]string{"bEARER abc"}, "Bearer", "abc"},
		"guest":                {[]string{"guest abc"}, "Guest", "abc"},
		"sos":                  {[]string{"sos abc"}, "SOS", "abc"},
		"several spaces":       {[]string{"Bearer   abc"}, "Bearer", "abc"},
		"none":                 {},
		"empty":                {[]string{""}, "", ""},
		"a scheme alone":       {[]string{"Bearer"}, "", ""},
		"a scheme and a space": {[]string{"Bearer "}, "", ""},
		"no scheme":            {[]string{"abc"}, "", ""},
		"another scheme":       {[]string{"Basic YTpi"}, "", ""},
		"two headers":          {[]string{"Bearer abc", "Bearer abc"}, "", ""},
		"two in one":           {[]string{"Bearer abc, Bearer def"}, "", ""},
		"two words":            {[]string{"Bearer abc def"}, "", ""},
		"a tab":                {[]string{"Bearer\tabc"}, "", ""},
		"a quote":              {[]string{`Bearer "abc"`}, "", ""},
		"beyond ASCII":         {[]string{"Bearer äbc"}, "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			if len(c.values) > 0 {
				r.Header["Authorization"] = c.values
			}
			scheme, credential, ok := token.FromHeader(r)
			if scheme != c.scheme || credential != c.credential || ok != (c.scheme != "") {
				t.Fatalf("%q, %q, %v", scheme, credential, ok)
			}
		})
	}
}

// answer is what a client sees.
func answer(tb testing.TB, h httpserver.Handler, authorization string) (status int, code, challenge, body string) {
	tb.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var problem struct{ Code string }
	_ = json.Unmarshal(w.Body.Bytes(), &problem)
	return w.Code, problem.Code, w.Header().Get("WWW-Authenticate"), w.Body.String()
}

func who(w http.ResponseWriter, r *http.Request) error {
	c, ok := token.ClaimsFrom(r.Context())
	if !ok {
		return token.ErrForbidden
	}
	_, err := w.Write([]byte(c.Subject + " " + c.Role))
	return err
}

func TestNoneMalformedAndForgedAreOneAnswerAndTheOthersTellWhatToDo(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := signer(t, token.SignerConfig{Secret: secret})
	h := token.Authenticate(verifier(t, token.VerifierConfig{Keys: s, Now: c.Now, Revoked: revokedSessions{"gone": true}}), who)

	good := sign(t, s, claims())
	if status, _, _, body := answer(t, h, "Bearer "+good); status != http.StatusOK || body != "user-1 USER" {
		t.Fatalf("%d %s", status, body)
	}
	_, _, _, none := answer(t, h, "")
	for _, authorization := range []string{"Bearer", "Bearer x", "Bearer " + flipEnd(good), "Guest " + good, "SOS " + good, "Basic YTpi"} {
		status, code, challenge, body := answer(t, h, authorization)
		if status != http.StatusUnauthorized || code != "unauthenticated" || !strings.HasPrefix(challenge, "Bearer") || body != none {
			t.Errorf("%s: %d %s", authorization, status, body)
		}
	}

	ended := claims()
	ended.SessionID = "gone"
	if status, code, _, _ := answer(t, h, "Bearer "+sign(t, s, ended)); status != http.StatusUnauthorized || code != "session_ended" {
		t.Errorf("revoked: %d %s", status, code)
	}
	c.Advance(time.Hour)
	if status, code, _, _ := answer(t, h, "Bearer "+good); status != http.StatusUnauthorized || code != "token_expired" {
		t.Errorf("expired: %d %s", status, code)
	}
}

func TestARoleIsAskedForAfterTheToken(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	h := token.RequireRole(verifier(t, token.VerifierConfig{Keys: s, Now: newClock().Now}), token.RoleAdmin, token.RoleSuperAdmin)(who)
	for role, want := range map[string]int{
		token.RoleAdmin: 200, token.RoleSuperAdmin: 200, token.RoleUser: 403, token.RoleProvider: 403, token.RoleVolunteer: 403,
	} {
		c := claims()
		c.Role = role
		status, code, _, _ := answer(t, h, "Bearer "+sign(t, s, c))
		if status != want || status == 403 && code != "forbidden" {
			t.Errorf("%s: %d %s", role, status, code)
		}
	}
	if status, _, _, _ := answer(t, h, ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
}

// uninformed knows of nobody, and that it need not.
type uninformed struct{ revokedSessions }

func (uninformed) Informed(context.Context) bool { return false }

func TestWhoHoldsARoleWaitsUntilItIsKnownWhoHasLostIt(t *testing.T) {
	t.Parallel()
	s := signer(t, token.SignerConfig{Secret: secret})
	v := verifier(t, token.VerifierConfig{Keys: s, Now: newClock().Now, Revoked: uninformed{}})
	admin := claims()
	admin.Role = token.RoleAdmin
	for name, c := range map[string]struct {
		handler httpserver.Handler
		claims  token.Claims
		want    int
	}{
		"an administrator":             {token.RequireRole(v, token.RoleAdmin)(who), admin, http.StatusServiceUnavailable},
		"a user where one is needed":   {token.RequireRole(v, token.RoleAdmin)(who), claims(), http.StatusForbidden},
		"anybody where no role counts": {token.Authenticate(v, who), admin, http.StatusOK},
	} {
		if status, code, _, _ := answer(t, c.handler, "Bearer "+sign(t, s, c.claims)); status != c.want {
			t.Errorf("%s: %d %s", name, status, code)
		}
	}
}
