package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth/authtest"
)

// takes is every route that takes a body, with one of the right form.
type takes struct {
	method, path string
	body         map[string]any
	may          string // a field of the mass assignment that this one takes
}

func bodies(user string) []takes {
	return []takes{
		{http.MethodPost, register, map[string]any{
			"email": "eve@example.org", "password": authtest.Password, "firstName": "Eve", "lastName": "Öz", "phone": "+4915112345678",
			"locale": "de", "timezone": "Europe/Berlin", "deviceName": "phone",
		}, ""},
		{http.MethodPost, login, map[string]any{"email": "ana@example.org", "password": "x", "deviceName": "phone"}, ""},
		{http.MethodPost, loginMFA, map[string]any{"mfaToken": "x", "code": "123456"}, ""},
		{http.MethodPost, loginMFA, map[string]any{"mfaToken": "x", "recoveryCode": "aaaa"}, ""},
		{http.MethodPost, refresh, map[string]any{"refreshToken": "x"}, ""},
		{http.MethodPost, logout, map[string]any{"scope": "nobody"}, ""},
		{http.MethodPatch, profile, map[string]any{"firstName": "", "lastName": "Öz", "locale": "de", "timezone": "UTC"}, ""},
		{http.MethodPost, reauthenticate, map[string]any{"password": "x"}, ""},
		{http.MethodPost, reauthenticate, map[string]any{"provider": "acme", "idToken": "x", "nonce": "n"}, ""},
		{http.MethodPost, "/v1/auth/email/change", map[string]any{"newEmail": "eve@example.org", "reauthToken": "x"}, ""},
		{http.MethodPost, "/v1/auth/email/verify", map[string]any{"token": "x"}, ""},
		{http.MethodPost, "/v1/auth/email/resend", map[string]any{"email": "x"}, ""},
		{http.MethodPost, "/v1/auth/phone/verify", map[string]any{"phone": "x"}, ""},
		{http.MethodPost, "/v1/auth/phone/confirm", map[string]any{"phone": "x", "code": "x"}, ""},
		{http.MethodDelete, profile, map[string]any{"reauthToken": "x"}, ""},
		{http.MethodPost, "/v1/auth/password/change", map[string]any{"currentPassword": "x", "newPassword": "y"}, ""},
		{http.MethodPost, "/v1/auth/password/forgot", map[string]any{"email": "x"}, ""},
		{http.MethodPost, "/v1/auth/password/reset", map[string]any{"token": "x", "newPassword": "y"}, ""},
		{http.MethodPost, totp, map[string]any{"reauthToken": "x"}, ""},
		{http.MethodPost, totpConfirm, map[string]any{"code": "x"}, ""},
		{http.MethodDelete, totp, map[string]any{"reauthToken": "x"}, ""},
		{http.MethodPost, social, map[string]any{"idToken": "x", "nonce": "n", "firstName": "Eve", "lastName": "Öz", "deviceName": "phone"}, ""},
		{http.MethodPatch, users + "/" + user, map[string]any{"role": "USER"}, "role"},
		{http.MethodPatch, users + "/" + user, map[string]any{"active": true}, "active"},
	}
}

var leak = regexp.MustCompile(`(?i)goroutine|panic|\.go:\d|pq:|select |insert |json: |strconv|/internal/`)

// refused is an answer that blames the client, and shows nothing of ours.
func (a answer) refused(about string) {
	a.t.Helper()
	if a.status < 400 || a.status >= 500 || leak.Match(a.raw) {
		a.t.Errorf("%s with %s: %d %s", a.what, about, a.status, a.raw)
	}
}

func staffedWithSomebody(t *testing.T) (phone, []takes) {
	t.Helper()
	a, p, _ := staffed(t, "SUPER_ADMIN")
	return p, bodies(a.Register("ana@example.org", "Ana").UserID)
}

func (p phone) sends(one takes, body string) answer {
	p.t.Helper()
	return p.send(one.method, one.path, strings.NewReader(body), "application/json")
}

// with is the route's body with a field of that JSON.
func (one takes) with(t *testing.T, field, raw string) string {
	t.Helper()
	changed := maps.Clone(one.body)
	changed[field] = json.RawMessage(raw)
	return asJSON(t, changed)
}

func TestAFieldOfTheWrongTypeIsNamedOnEveryRoute(t *testing.T) {
	t.Parallel()
	p, routes := staffedWithSomebody(t)
	for _, one := range routes {
		for field, value := range one.body {
			for _, raw := range []string{"17", "[]", "{}", `["x"]`, "-0.5", `{"$ne": null}`} {
				got := p.sends(one, one.with(t, field, raw)).is(http.StatusUnprocessableEntity, "validation_failed")
				if got.fields()[field] == "" {
					t.Errorf("%s %s: %s = %s is not named: %s", one.method, one.path, field, raw, got.raw)
				}
			}
			if _, text := value.(string); text {
				p.sends(one, one.with(t, field, "true")).is(http.StatusUnprocessableEntity, "validation_failed")
			}
		}
	}
}

func TestAFieldWithSomethingWrongWithinIsTheClientsMistakeOnEveryRoute(t *testing.T) {
	t.Parallel()
	p, routes := staffedWithSomebody(t)
	for _, one := range routes {
		for field := range one.body {
			p.sends(one, one.with(t, field, `"a\u0000b"`)).is(http.StatusBadRequest, "malformed_json")
			p.sends(one, `{"`+field+`": "a`+"\xff"+`"}`).is(http.StatusBadRequest, "malformed_json")
			p.sends(one, `{"`+field+`": 1e400}`).refused("1e400")
			p.sends(one, `{"`+field+`": "x", "`+field+`": "x"}`).is(http.StatusBadRequest, "malformed_json")
			p.sends(one, `{"`+strings.ToUpper(field)+`": "x"}`).is(http.StatusBadRequest, "malformed_json")
			p.sends(one, `{"`+field+`": `+strings.Repeat("[", 10_001)+strings.Repeat("]", 10_001)+`}`).is(http.StatusBadRequest, "malformed_json")
			if one.path != profile || one.method == http.MethodDelete {
				p.sends(one, one.with(t, field, `"`+strings.Repeat("x", 30_000)+`"`)).refused("30,000 letters")
			}
			p.sends(one, one.with(t, field, `"`+strings.Repeat("x", 70_000)+`"`)).is(http.StatusRequestEntityTooLarge, "")
		}
	}
}

func TestNobodyAssignsWhatIsNotTheirsOnAnyRoute(t *testing.T) {
	t.Parallel()
	p, routes := staffedWithSomebody(t)
	for _, one := range routes {
		for field, value := range map[string]string{"role": `"SUPER_ADMIN"`, "emailVerified": "true", "id": `"x"`, "active": "true", "passwordHash": `"x"`, "__proto__": "{}"} {
			if _, known := one.body[field]; known || one.may != "" && (field == "role" || field == "active") {
				continue
			}
			p.sends(one, one.with(t, field, value)).is(http.StatusUnprocessableEntity, "unknown_field")
		}
		p.sends(one, one.with(t, "RoLe", `"SUPER_ADMIN"`)).refused("RoLe")
	}
}

func TestABodyThatIsNoneIsTheClientsMistakeOnEveryRoute(t *testing.T) {
	t.Parallel()
	p, routes := staffedWithSomebody(t)
	for _, one := range routes {
		for _, body := range []string{"{", "[]", `"x"`, "17", "{} {}", "{}x", "\xef\xbb\xbf{}", "nul"} {
			p.sends(one, body).refused(body)
		}
		text := asJSON(t, one.body)
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonp"} {
			p.send(one.method, one.path, strings.NewReader(text), kind).is(http.StatusUnsupportedMediaType, "")
		}
	}
}

func TestTwinsOfALetterAreNoSecondAddress(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	p.post(register, credentials(t, "kate@example.org", authtest.Password)).is(http.StatusCreated, "")
	for _, twin := range []string{"\u212aate@example.org", "k\u200bate@example.org", "ka\u00adte@example.org", "kate@ex\u2060ample.org", "\u202ekate@example.org"} {
		for path, field := range map[string]string{register: "email", login: "email"} {
			if got := p.post(path, credentials(t, twin, authtest.Password)).is(http.StatusUnprocessableEntity, "validation_failed"); got.fields()[field] != "confusable" {
				t.Errorf("%q: %s", twin, got.raw)
			}
		}
	}
	p.post(register, credentials(t, "\uff2b\uff41\uff54\uff45@example.org", authtest.Password)).is(http.StatusConflict, "email_taken")
}
