package sight_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what RFC 6238 means by default
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/test/world"
)

// journal is what all services log.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes a line.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// words are the texts in the lines: no numbers, which may look like a code.
func (j *journal) words(t *testing.T) string {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	var words strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			words.WriteString(v + "\n")
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for key, one := range v {
				if key != "time" {
					words.WriteString(key + "\n")
					walk(one)
				}
			}
		}
	}
	for line := range strings.Lines(j.text.String()) {
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		walk(v)
	}
	return words.String()
}

// said are the names and texts in everything that was received.
func (c *collector) said() string {
	return strings.Join(regexp.MustCompile(`(?:string_value|name|message|key|description):\s*"[^"]*"`).FindAllString(c.everything(), -1), "\n")
}

// totp is what an authenticator app shows (RFC 6238).
func totp(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha1.New, key)
	_ = binary.Write(h, binary.BigEndian, at.Unix()/30) // a hash takes everything
	sum := h.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}

// visitor goes every way in, and keeps what nobody else may read.
type visitor struct {
	*world.Person
	t       *testing.T
	w       world.Posted
	secrets []string // whole or in part, found nowhere
	codes   []string // six digits each, found nowhere as a word
}

func (v *visitor) post(path string, body map[string]any) world.Answer {
	v.t.Helper()
	return v.Do(world.Call{Method: http.MethodPost, Path: path, Body: body})
}

// keep notes what an answer hands out.
func (v *visitor) keep(answer world.Answer, status int, fields ...string) map[string]any {
	v.t.Helper()
	var body map[string]any
	answer.Want(status).Into(&body)
	for _, field := range fields {
		text, _ := body[field].(string)
		if text == "" {
			v.t.Fatalf("the answer has no %s: %s", field, answer.Body)
		}
		v.secrets = append(v.secrets, text)
	}
	return body
}

// signedIn are the secrets of an AuthResult.
func signedIn() []string {
	return []string{"accessToken", "refreshToken", "deviceToken", "sosCredential"}
}

// letter waits for a mail and gives the token of its link.
func (v *visitor) letter(to, path string) string {
	v.t.Helper()
	token := world.TokenIn(world.AwaitLetter(v.t, v.w, to, path))
	v.secrets = append(v.secrets, token, to)
	return token
}

func (v *visitor) proven() string {
	v.t.Helper()
	token, _ := v.keep(v.post("/v1/auth/reauthenticate", map[string]any{"password": v.Password}), http.StatusOK, "reauthToken")["reauthToken"].(string)
	return token
}

func (v *visitor) provesAddresses() {
	v.t.Helper()
	v.post("/v1/auth/email/verify", map[string]any{"token": v.letter(v.Email, "/verify#")}).Want(http.StatusNoContent)
	changed := "new." + v.Email
	v.post("/v1/auth/email/change", map[string]any{"newEmail": changed, "reauthToken": v.proven()}).Want(http.StatusAccepted)
	v.letter(changed, "#")
	phone := fmt.Sprintf("+4915%09d", time.Now().UnixNano()%1_000_000_000)
	v.post("/v1/auth/phone/verify", map[string]any{"phone": phone}).Want(http.StatusAccepted)
	code := world.CodeIn(world.AwaitLetter(v.t, v.w, phone, "Love App"))
	v.secrets, v.codes = append(v.secrets, phone, phone[1:]), append(v.codes, code)
	v.post("/v1/auth/phone/confirm", map[string]any{"phone": phone, "code": code}).Want(http.StatusNoContent)
}

func (v *visitor) forgetsThePassword() {
	v.t.Helper()
	v.post("/v1/auth/password/forgot", map[string]any{"email": v.Email}).Want(http.StatusAccepted)
	token := v.letter(v.Email, "/reset#")
	v.Password = rand.Text()
	v.secrets = append(v.secrets, v.Password)
	v.post("/v1/auth/password/reset", map[string]any{"token": token, "newPassword": v.Password}).Want(http.StatusNoContent)
	v.Login().Want(http.StatusOK).Into(&v.Tokens)
	v.secrets = append(v.secrets, v.Tokens.AccessToken, v.Tokens.RefreshToken, v.Tokens.DeviceToken, v.Tokens.SOSCredential)
}

func (v *visitor) setsUpASecondFactor() {
	v.t.Helper()
	secret, _ := v.keep(v.post("/v1/auth/mfa/totp", map[string]any{"reauthToken": v.proven()}), http.StatusCreated, "secret", "uri")["secret"].(string)
	confirming := totp(v.t, secret, time.Now())
	recovery, _ := v.keep(v.post("/v1/auth/mfa/totp/confirm", map[string]any{"code": confirming}), http.StatusOK)["recoveryCodes"].([]any)
	for _, code := range recovery {
		v.secrets = append(v.secrets, fmt.Sprint(code))
	}
	// A step is good once: the next one's code is a little early, which is allowed.
	next := totp(v.t, secret, time.Now().Add(30*time.Second))
	v.codes = append(v.codes, confirming, next)
	for _, answer := range []map[string]any{{"code": next}, {"recoveryCode": recovery[0]}} {
		answer["mfaToken"] = v.keep(v.Login(), http.StatusOK, "mfaToken")["mfaToken"]
		v.keep(v.post("/v1/auth/login/mfa", answer), http.StatusOK, signedIn()...)
	}
}

func (v *visitor) comesByAProvider(issuer *authtest.Issuer) {
	v.t.Helper()
	now, nonce, email := time.Now(), rand.Text(), strings.ToLower(rand.Text())+"@example.org"
	token := issuer.Sign(map[string]any{
		"iss": issuer.URL, "aud": authtest.ClientID, "sub": "person-7", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": nonce,
		"email": email, "email_verified": true,
	})
	v.secrets = append(v.secrets, token, nonce, email)
	v.keep(v.post("/v1/auth/oidc/acme", map[string]any{"idToken": token, "nonce": nonce}), http.StatusOK, signedIn()...)
}

// parts of what is found in no other text: a whole token, or one of its parts.
func parts(secret string) []string {
	const tellsEnough = 16
	all := []string{secret}
	for part := range strings.SplitSeq(secret, ".") {
		if len(part) >= tellsEnough && !strings.Contains(secret, "@") {
			all = append(all, part)
		}
	}
	return all
}

func TestNoWayInLeavesASecretInTracesOrLogs(t *testing.T) {
	t.Parallel()
	c, logged, issuer := collect(t), &journal{}, authtest.NewIssuer(t)
	w, ok := begin(t, world.Size{
		Collector: c.URL, Issuers: "acme=" + issuer.URL + "|" + authtest.ClientID,
		Logger: slog.New(slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}).(world.Posted)
	if !ok {
		t.Fatal("this world writes nothing down")
	}
	v := &visitor{Person: world.SignUp(t, w, "Adalgisa"), t: t, w: w}
	first := v.Tokens
	v.secrets = append(v.secrets, v.Email, v.Password, v.Name, first.AccessToken, first.RefreshToken, first.DeviceToken, first.SOSCredential)
	mistaken := *v.Person
	mistaken.Password = rand.Text()
	mistaken.Login().Want(http.StatusUnauthorized)
	v.provesAddresses()
	v.Renew()
	v.secrets = append(v.secrets, mistaken.Password, v.Tokens.AccessToken, v.Tokens.RefreshToken)
	v.forgetsThePassword()
	v.setsUpASecondFactor()
	v.comesByAProvider(issuer)
	v.Renew()
	v.Refresh(first.RefreshToken, "").Want(http.StatusUnauthorized) // of an ended session

	trace, parent := newTrace() // what comes after the rest arrives after it
	v.Do(world.Call{Method: http.MethodPost, Path: "/v1/auth/logout", Header: map[string]string{"Traceparent": parent}}).Want(http.StatusNoContent)
	c.await(t, trace, "auth-service", "POST /v1/auth/logout")
	c.await(t, trace, "api-gateway", "POST /v1/auth/logout")
	for where, said := range map[string]string{"the traces": c.said(), "the logs": logged.words(t)} {
		if !strings.Contains(said, "/v1/auth/login/mfa") {
			t.Errorf("%s say nothing of the journey: %d bytes", where, len(said))
		}
		for _, secret := range v.secrets {
			for _, part := range parts(secret) {
				if strings.Contains(said, part) {
					t.Errorf("%q is in %s", part, where)
				}
			}
		}
		for _, code := range v.codes {
			if regexp.MustCompile(`\b` + code + `\b`).MatchString(said) {
				t.Errorf("the code %s is in %s", code, where)
			}
		}
	}
}
