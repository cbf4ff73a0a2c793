package httpapi_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/token"
)

const register = "/v1/auth/register"

func TestRegisteringSignsIn(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a)
	got := p.post(register, `{"email": " Ana.Öz@Example.ORG ", "password": "correct horse battery", "firstName": " Ana ", "lastName": "Öz",
		"phone": "+4915112345678", "locale": "pt-br", "timezone": "Europe/Berlin", "deviceName": "Ana's phone"}`).is(http.StatusCreated, "")
	body := got.body()
	user, _ := body["user"].(map[string]any)
	for _, key := range []string{"id", "createdAt", "updatedAt"} {
		if text, _ := user[key].(string); text == "" {
			t.Errorf("user.%s is missing", key)
		}
		delete(user, key)
	}
	want := map[string]any{
		"email": "ana.öz@example.org", "emailVerified": false, "phone": "+4915112345678", "phoneVerified": false, "role": "USER",
		"firstName": "Ana", "lastName": "Öz", "locale": "pt-BR", "timezone": "Europe/Berlin",
	}
	if diff := cmp.Diff(want, user); diff != "" {
		t.Error(diff)
	}
	if body["tokenType"] != "Bearer" || body["expiresIn"] != 900.0 {
		t.Errorf("%v for %v s", body["tokenType"], body["expiresIn"])
	}
	keys := []string{"accessToken", "deviceToken", "expiresIn", "refreshToken", "sessionId", "sosCredential", "tokenType", "user"}
	if diff := cmp.Diff(keys, slices.Sorted(maps.Keys(body))); diff != "" {
		t.Error(diff)
	}
	if cached := got.header.Get("Cache-Control"); cached != "no-store" {
		t.Errorf("Cache-Control: %s", cached)
	}
	p.as(got.text("accessToken")).get("/v1/auth/profile").is(http.StatusOK, "")
}

// verifier judges tokens as another service does, by the published keys.
func verifier(t *testing.T, a *authtest.Auth) *token.Verifier {
	t.Helper()
	keys, err := token.NewRemoteKeys(token.RemoteKeysConfig{URLs: []string{a.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { http.DefaultTransport.(*http.Transport).CloseIdleConnections() })
	v, err := token.NewVerifier(token.VerifierConfig{Keys: keys, Now: a.Now})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheTokensSayWhoTheirBearerIsAndPassForNothingElse(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{TokenLife: 7 * time.Minute})
	s, v := a.Register("ana@example.org", "Ana"), verifier(t, a)
	access, err := v.Verify(t.Context(), s.AccessToken)
	life := access.ExpiresAt.Sub(access.IssuedAt) // counted from before the account was read
	if err != nil || access.Subject != s.UserID || access.SessionID != s.SessionID || access.Role != "USER" || life < 7*time.Minute || life > 8*time.Minute {
		t.Errorf("access token: %+v %v", access, err)
	}
	sos, err := v.VerifySOS(t.Context(), s.SOSCredential)
	if err != nil || sos.Subject != s.UserID || sos.SessionID != s.SessionID || sos.ExpiresAt.Sub(sos.IssuedAt) != 400*24*time.Hour {
		t.Errorf("SOS credential: %+v %v", sos, err)
	}
	p := newPhone(t, a)
	for name, raw := range map[string]string{"refresh token": s.RefreshToken, "device token": s.DeviceToken, "SOS credential": s.SOSCredential} {
		p.as(raw).get("/v1/auth/profile").is(http.StatusUnauthorized, "unauthenticated")
		if _, err := v.Verify(t.Context(), raw); err == nil {
			t.Errorf("the %s is an access token too", name)
		}
	}
	for _, raw := range []string{s.AccessToken, s.DeviceToken, s.SOSCredential} {
		p.post("/v1/auth/refresh", refreshing(t, raw)).is(http.StatusUnauthorized, "unauthenticated")
	}
}

func TestAnAddressHasOneAccountHoweverItIsSpelt(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a)
	p.post(register, credentials(t, "bücher@bücher.example", "correct horse battery")).is(http.StatusCreated, "")
	for _, twin := range []string{
		"BÜCHER@bücher.example", "bücher@BÜCHER.EXAMPLE", "bücher@xn--bcher-kva.example", "bu\u0308cher@bu\u0308cher.example",
		"ｂücher＠bücher.example", " bücher@bücher.example ",
	} {
		p.post(register, credentials(t, twin, "correct horse battery")).is(http.StatusConflict, "email_taken")
	}
}

func TestWrongValuesAreNamed(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	long := strings.Repeat("x", 200)
	for name, c := range map[string]struct{ field, value, code string }{
		"no address":                    {"email", `""`, "required"},
		"null as address":               {"email", `null`, "required"},
		"a number as address":           {"email", `7`, "invalid_type"},
		"no @":                          {"email", `"ana.example.org"`, "invalid_format"},
		"two @":                         {"email", `"ana@home@example.org"`, "invalid_format"},
		"a space inside":                {"email", `"an a@example.org"`, "invalid_format"},
		"a domain without a dot":        {"email", `"ana@localhost"`, "invalid_format"},
		"an IP address":                 {"email", `"ana@192.0.2.1"`, "invalid_format"},
		"dots in a row":                 {"email", `"a..a@example.org"`, "invalid_format"},
		"header injection":              {"email", `"ana@example.org\r\nBcc: eve@example.org"`, "invalid_format"},
		"a KELVIN SIGN":                 {"email", `"\u212aate@example.org"`, "confusable"},
		"a zero-width space":            {"email", `"an\u200ba@example.org"`, "confusable"},
		"a zero-width joiner":           {"email", `"ana@exam\u200dple.org"`, "confusable"},
		"a soft hyphen":                 {"email", `"an\u00ada@example.org"`, "confusable"},
		"a direction override":          {"email", `"an\u202ea@example.org"`, "confusable"},
		"a long local part":             {"email", `"` + long + `@example.org"`, "too_long"},
		"no password":                   {"password", `""`, "required"},
		"a short password":              {"password", `"seven77"`, "too_short"},
		"a long password":               {"password", `"` + long + `"`, "too_long"},
		"a common password":             {"password", `"Password123"`, "too_common"},
		"the address as password":       {"password", `"ana.example.org"`, "too_guessable"},
		"the app's name as password":    {"password", `"LoveApp123"`, "too_guessable"},
		"an empty name":                 {"firstName", `""`, "too_short"},
		"a name of spaces":              {"lastName", `"  "`, "too_short"},
		"a name of 101 characters":      {"firstName", `"` + strings.Repeat("é", 101) + `"`, "too_long"},
		"a name with a line break":      {"firstName", `"Ana\nBcc"`, "invalid_characters"},
		"a name that turns the text":    {"firstName", `"\u202eanA"`, "invalid_characters"},
		"a list as name":                {"firstName", `["Ana"]`, "invalid_type"},
		"a national phone number":       {"phone", `"015112345678"`, "invalid_format"},
		"a phone number with spaces":    {"phone", `"+49 151 12345678"`, "invalid_format"},
		"a phone number of 16 digits":   {"phone", `"+4915112345678901"`, "invalid_format"},
		"a locale that is none":         {"locale", `"not a locale"`, "invalid_format"},
		"an empty locale":               {"locale", `""`, "invalid_format"},
		"a time zone that is none":      {"timezone", `"Mars/Olympus"`, "invalid_format"},
		"a time zone from outside":      {"timezone", `"../../etc/passwd"`, "invalid_format"},
		"the machine's own time zone":   {"timezone", `"Local"`, "invalid_format"},
		"a time zone by a detour":       {"timezone", `"Europe//Berlin"`, "invalid_format"},
		"a name that nobody sees":       {"firstName", `"\u3164 \u200d"`, "too_short"},
		"a device name out of bounds":   {"deviceName", `"` + long + `"`, "too_long"},
		"a device name with an escape":  {"deviceName", `"\u001b[2J"`, "invalid_characters"},
		"a name of emoji only, 101 × 4": {"lastName", `"` + strings.Repeat("😀", 101) + `"`, "too_long"},
	} {
		fields := map[string]string{"email": `"ana@example.org"`, "password": `"correct horse battery"`}
		fields[c.field] = c.value
		var members []string
		for field, value := range fields {
			members = append(members, `"`+field+`": `+value)
		}
		got := p.post(register, "{"+strings.Join(members, ",")+"}").is(http.StatusUnprocessableEntity, "validation_failed")
		if diff := cmp.Diff(map[string]string{c.field: c.code}, got.fields()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestEveryWrongFieldIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	got := p.post(register, `{"email": "ana", "password": "short", "phone": "1", "timezone": "x"}`).is(http.StatusUnprocessableEntity, "validation_failed")
	want := map[string]string{"email": "invalid_format", "password": "too_short", "phone": "invalid_format", "timezone": "invalid_format"}
	if diff := cmp.Diff(want, got.fields()); diff != "" {
		t.Error(diff)
	}
	got = p.post(register, `{}`).is(http.StatusUnprocessableEntity, "validation_failed")
	if diff := cmp.Diff(map[string]string{"email": "required", "password": "required"}, got.fields()); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyGivesThemselvesMoreThanThereIsToGive(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a)
	for _, field := range []string{"role", "RoLe", "emailVerified", "phoneVerified", "id", "active", "createdAt", "passwordHash", "password_hash", "__proto__"} {
		got := p.post(register, `{"email": "eve@example.org", "password": "correct horse battery", "`+field+`": true}`)
		got.is(http.StatusUnprocessableEntity, "unknown_field")
		if diff := cmp.Diff(map[string]string{field: "unknown_field"}, got.fields()); diff != "" {
			t.Error(diff)
		}
	}
	if events := a.Events(); len(events) != 0 {
		t.Errorf("somebody got in: %v", events)
	}
}

// malformed are bodies that two parsers could read in two ways, or none at all.
func malformed() map[string]string {
	return map[string]string{
		"nothing":             "",
		"no JSON":             "email=ana@example.org",
		"half":                `{"email": "ana@example.org"`,
		"a key twice":         `{"email": "a@example.org", "email": "b@example.org", "password": "correct horse battery"}`,
		"a key in other case": `{"Email": "a@example.org", "password": "correct horse battery"}`,
		"a second document":   `{"email": "a@example.org", "password": "correct horse battery"} {}`,
		"a NUL":               `{"email": "a\u0000@example.org", "password": "correct horse battery"}`,
		"a NUL in a key":      `{"em\u0000ail": "a@example.org"}`,
		"invalid UTF-8":       "{\"email\": \"\xff@example.org\", \"password\": \"correct horse battery\"}",
		"a lone surrogate":    `{"email": "\ud800@example.org", "password": "correct horse battery"}`,
		"a list":              `[{"email": "a@example.org"}]`,
		"a number":            `7`,
		"too large a number":  `{"email": 1e400}`,
		"33 levels":           `{"email": ` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `}`,
		"10,001 levels":       strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
		"a comment":           `{"email": "a@example.org" /* me */, "password": "correct horse battery"}`,
	}
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	for path, field := range map[string]string{
		register: "email", login: "email", refresh: "refreshToken", "/v1/auth/profile": "firstName", "/v1/auth/logout": "scope",
	} {
		method := http.MethodPost
		if path == "/v1/auth/profile" {
			method = http.MethodPatch
		}
		for name, body := range malformed() {
			if name == "nothing" && path == "/v1/auth/logout" {
				continue // means the session in hand
			}
			body := strings.NewReplacer(`"Email"`, `"`+strings.ToUpper(field)+`"`, `"email"`, `"`+field+`"`).Replace(body)
			got := p.send(method, path, strings.NewReader(body), "application/json")
			if got.status != http.StatusBadRequest || got.code() != "malformed_json" {
				t.Errorf("%s: %s: %d %s", path, name, got.status, got.raw)
			}
		}
	}
}

func TestBodiesOfOtherKindsAndSizesAreRefused(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a)
	mebibyte := credentials(t, "ana@example.org", strings.Repeat("x", 1<<20))
	for _, path := range []string{register, "/v1/auth/login"} {
		p.post(path, mebibyte).is(http.StatusRequestEntityTooLarge, "payload_too_large")
	}
	good := credentials(t, "ana@example.org", "correct horse battery")
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/problem+json", "multipart/form-data"} {
		p.send(http.MethodPost, register, strings.NewReader(good), kind).is(http.StatusUnsupportedMediaType, "unsupported_media_type")
	}
	p.send(http.MethodPost, register, strings.NewReader(good), "application/json; charset=UTF-8").is(http.StatusCreated, "")
}
