package httpapi_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/config"
)

const (
	totp        = "/v1/auth/mfa/totp"
	totpConfirm = totp + "/confirm"
	loginMFA    = login + "/mfa"
)

// authenticator shows codes as an app does.
type authenticator struct {
	t      *testing.T
	secret []byte
}

func newAuthenticator(t *testing.T, secret string) authenticator {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) != 20 {
		t.Fatalf("%q: %v", secret, err)
	}
	return authenticator{t, raw}
}

func (a authenticator) code(at time.Time) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/30)) //nolint:gosec // after 1970
	h := hmac.New(sha1.New, a.secret)
	_, _ = h.Write(counter[:])
	sum := h.Sum(nil)
	offset := sum[19] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1000000)
}

func reauthToken(t *testing.T, p phone) string {
	t.Helper()
	return p.post(reauthenticate, asJSON(t, map[string]string{"password": authtest.Password})).is(http.StatusOK, "").text("reauthToken")
}

// guarded is somebody with a second factor.
type guarded struct {
	authenticator

	a        *authtest.Auth
	session  authtest.Session
	phone    phone
	recovery []string
}

func guard(t *testing.T, a *authtest.Auth) guarded {
	t.Helper()
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	offer := p.post(totp, asJSON(t, map[string]string{"reauthToken": reauthToken(t, p)})).is(http.StatusCreated, "")
	if !strings.HasPrefix(offer.text("uri"), "otpauth://totp/Love%20App:ana@example.org?secret="+offer.text("secret")+"&") {
		t.Errorf("%s", offer.raw)
	}
	g := guarded{authenticator: newAuthenticator(t, offer.text("secret")), a: a, session: s, phone: p}
	confirmed := p.post(totpConfirm, asJSON(t, map[string]string{"code": g.code(a.Now())})).is(http.StatusOK, "")
	codes, _ := confirmed.body()["recoveryCodes"].([]any)
	for _, code := range codes {
		text, _ := code.(string)
		g.recovery = append(g.recovery, text)
	}
	if len(g.recovery) != 10 {
		t.Fatalf("%s", confirmed.raw)
	}
	a.Advance(time.Minute) // codes are good once, and the one that confirmed has been
	return g
}

// challenge gets the mfaToken of a sign-in.
func (g guarded) challenge() string {
	g.t.Helper()
	got := newPhone(g.t, g.a).post(login, credentials(g.t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
	if diff := cmp.Diff([]any{"totp", "recoveryCode"}, got.body()["methods"]); diff != "" || got.body()["mfaRequired"] != true || got.text("accessToken") != "" {
		g.t.Fatalf("%s", got.raw)
	}
	return got.text("mfaToken")
}

func (g guarded) step(token, code string) answer {
	g.t.Helper()
	return newPhone(g.t, g.a).post(loginMFA, asJSON(g.t, map[string]string{"mfaToken": token, "code": code}))
}

func (g guarded) recover(token, code string) answer {
	g.t.Helper()
	return newPhone(g.t, g.a).post(loginMFA, asJSON(g.t, map[string]string{"mfaToken": token, "recoveryCode": code}))
}

func TestASecondFactorIsAskedForAndOpensTheSession(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	token := g.challenge()
	got := g.step(token, g.code(g.a.Now())).is(http.StatusOK, "")
	g.phone.as(got.text("accessToken")).get(profile).is(http.StatusOK, "")
	g.step(g.challenge(), g.code(g.a.Now())).is(http.StatusUnauthorized, "invalid_credentials") // used
	newPhone(t, g.a).post(login, credentials(t, "ana@example.org", "a wrong password")).is(http.StatusUnauthorized, "invalid_credentials")
}

func TestAnMFATokenOpensNothingElse(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	token := g.challenge()
	p := newPhone(t, g.a)
	p.as(token).get(profile).is(http.StatusUnauthorized, "unauthenticated")
	p.post(refresh, refreshing(t, token)).is(http.StatusUnauthorized, "unauthenticated")
	g.phone.as(g.session.AccessToken).send(http.MethodDelete, totp, strings.NewReader(asJSON(t, map[string]string{"reauthToken": token})), "application/json").
		is(http.StatusForbidden, "reauthentication_required")
	for _, other := range []string{g.session.AccessToken, g.session.RefreshToken, g.session.DeviceToken, g.session.SOSCredential, token + "x", "x"} {
		g.step(other, g.code(g.a.Now())).is(http.StatusUnauthorized, "unauthenticated")
	}
	g.a.Advance(5 * time.Minute)
	g.step(token, g.code(g.a.Now())).is(http.StatusUnauthorized, "unauthenticated")
}

func TestEachRecoveryCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	for _, code := range g.recovery[:2] {
		g.recover(g.challenge(), strings.ToUpper(code)).is(http.StatusOK, "")
		g.recover(g.challenge(), code).is(http.StatusUnauthorized, "invalid_credentials")
	}
}

func TestSixWrongCodesLockTheSecondFactorUnnoticed(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	token := g.challenge()
	want := g.recover(token, "nonsense").is(http.StatusUnauthorized, "invalid_credentials").problem()
	for range 5 {
		g.recover(token, "nonsense").is(http.StatusUnauthorized, "invalid_credentials")
	}
	for _, got := range []answer{g.step(token, g.code(g.a.Now())), g.recover(token, g.recovery[0])} {
		if diff := cmp.Diff(want, got.is(http.StatusUnauthorized, "invalid_credentials").problem()); diff != "" {
			t.Error(diff)
		}
	}
	g.a.Advance(16 * time.Minute)
	g.step(g.challenge(), g.code(g.a.Now())).is(http.StatusOK, "")
}

func TestOfManyWhoShowOneCodeAtOnceOneGetsIn(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	token, code := g.challenge(), g.code(g.a.Now())
	const few = 5 // fewer than would lock
	oneOf(t, few, func() answer { return g.step(token, code) }, http.StatusOK, func(got answer) { got.is(http.StatusUnauthorized, "invalid_credentials") })
}

func TestASecondFactorIsSetUpAndRemovedByWhoProvesWhoTheyAre(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	p := newPhone(t, g.a).as(g.phone.on(g.session.DeviceToken).post(refresh, refreshing(t, g.session.RefreshToken)).is(http.StatusOK, "").text("accessToken"))
	proven := asJSON(t, map[string]string{"reauthToken": reauthToken(t, p)})
	remove := func(body string) answer {
		return p.send(http.MethodDelete, totp, strings.NewReader(body), "application/json")
	}
	p.post(totp, proven).is(http.StatusConflict, "mfa_enabled")
	p.post(totpConfirm, `{"code":"000000"}`).is(http.StatusConflict, "mfa_enabled")
	remove(`{"reauthToken":"x"}`).is(http.StatusForbidden, "reauthentication_required")
	remove(`{}`).is(http.StatusUnprocessableEntity, "validation_failed")
	remove(proven).is(http.StatusNoContent, "")
	remove(proven).is(http.StatusNotFound, "not_found")
	if newPhone(t, g.a).post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "").text("accessToken") == "" {
		t.Error("the password is not enough")
	}
	p.post(totpConfirm, `{"code":"000000"}`).is(http.StatusConflict, "mfa_not_pending")
	p.post(totp, proven).is(http.StatusCreated, "")
	p.post(totpConfirm, `{"code":"12345"}`).is(http.StatusUnprocessableEntity, "validation_failed")
	for _, kind := range []string{"mfa.enabled", "mfa.disabled"} {
		if !strings.Contains(strings.Join(g.a.Events(), " "), kind) {
			t.Errorf("no %s in %v", kind, g.a.Events())
		}
	}
}

func TestAWrongSecondStepNamesTheField(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	for body, want := range map[string]map[string]string{
		`{}`:                            {"mfaToken": "required", "code": "required"},
		`{"mfaToken":"x"}`:              {"code": "required"},
		`{"mfaToken":"x","code":"12a"}`: {"code": "invalid_format"},
		`{"mfaToken":"x","code":"123456","recoveryCode":"x"}`:               {"recoveryCode": "conflict"},
		`{"mfaToken":"x","recoveryCode":"` + strings.Repeat("x", 65) + `"}`: {"recoveryCode": "too_long"},
	} {
		if diff := cmp.Diff(want, p.post(loginMFA, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%.60s: %s", body, diff)
		}
	}
	p.post(loginMFA, `{"mfaToken":"x","code":"123456","role":"ADMIN"}`).is(http.StatusUnprocessableEntity, "unknown_field")
}

func TestASecondFactorOutlivesTheSecretThatSealedIt(t *testing.T) {
	t.Parallel()
	const (
		outgoing config.Secret = "the first secret of the tests with 32 bytes"
		incoming config.Secret = "the second secret of the tests with 32 bytes"
	)
	store := authtest.NewStore()
	g := guard(t, authtest.Start(t, authtest.Options{Store: store, JWTSecret: outgoing}))
	authtest.Start(t, authtest.Options{Store: store, JWTSecret: incoming, JWTSecretPrevious: outgoing}) // seals anew
	g.a = authtest.Start(t, authtest.Options{Store: store, JWTSecret: incoming})
	g.step(g.challenge(), g.code(g.a.Now())).is(http.StatusOK, "")
}
