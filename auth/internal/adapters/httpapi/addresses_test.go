package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/eventually"
)

const (
	verifyEmail = "/v1/auth/email/verify"
	resend      = "/v1/auth/email/resend"
	changeEmail = "/v1/auth/email/change"
	verifyPhone = "/v1/auth/phone/verify"
	confirm     = "/v1/auth/phone/confirm"
	number      = "+4915112345678"
)

// proof has the person type their password again.
func (p phone) proof() string {
	p.t.Helper()
	return p.post(reauthenticate, asJSON(p.t, map[string]string{"password": authtest.Password})).is(http.StatusOK, "").text("reauthToken")
}

func tokenOf(t *testing.T, token string) string {
	t.Helper()
	return asJSON(t, map[string]string{"token": token})
}

func TestRegisteringSendsALinkThatVerifiesTheAddressOnce(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	if got := p.get(profile).body()["emailVerified"]; got != false {
		t.Errorf("before: %v", got)
	}
	letter := a.Letter("ana@example.org", "/verify#", 1)
	if len(letter.Token()) != 43 || strings.Contains(letter.Text, "?") {
		t.Errorf("the letter: %s", letter.Text)
	}
	p.as("").post(verifyEmail, tokenOf(t, letter.Token())).is(http.StatusNoContent, "")
	if got := p.get(profile).body()["emailVerified"]; got != true {
		t.Errorf("after: %v", got)
	}
	p.post(verifyEmail, tokenOf(t, letter.Token())).is(http.StatusGone, "link_expired")
	if diff := cmp.Diff([]string{"user.registered", "user.email_verified"}, a.Events()); diff != "" {
		t.Error(diff)
	}
}

func TestOfTwentyWhoUseALinkAtOnceOneSucceeds(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p, body := newPhone(t, a), tokenOf(t, a.Letter("ana@example.org", "/verify#", 1).Token())
	oneOf(t, 20, func() answer { return p.post(verifyEmail, body) }, http.StatusNoContent, func(got answer) { got.is(http.StatusGone, "link_expired") })
}

// other is a letter that this one is not.
func other(letter byte) string {
	if letter == 'A' {
		return "B"
	}
	return "A"
}

func TestATokenIsGoodForItsPurposeUntilItExpires(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	verify := a.Letter("ana@example.org", "/verify#", 1).Token()
	p.post(forgot, asJSON(t, map[string]string{"email": "ana@example.org"})).is(http.StatusAccepted, "")
	resetting := a.Letter("ana@example.org", "/reset#", 1).Token()
	for name, token := range map[string]string{
		"of another purpose": resetting, "cut short": verify[:42], "longer": verify + "A", "changed": verify[:30] + other(verify[30]) + verify[31:],
		"another alphabet": strings.Repeat("+", 43), "with a line break": verify[:42] + "\n",
	} {
		got := p.post(verifyEmail, tokenOf(t, token))
		if got.status != http.StatusUnprocessableEntity && got.status != http.StatusGone {
			t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
	p.post("/v1/auth/password/reset", asJSON(t, map[string]string{"token": verify, "newPassword": "another horse battery"})).
		is(http.StatusUnprocessableEntity, "validation_failed")
	a.Advance(25 * time.Hour)
	p.post(verifyEmail, tokenOf(t, verify)).is(http.StatusGone, "link_expired")
	if diff := cmp.Diff(map[string]string{"token": "required"}, p.post(verifyEmail, `{}`).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
		t.Error(diff)
	}
}

func TestAskingAgainTellsNothingAndSendsAtMostFive(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	var want answer
	for i, email := range []string{"nobody@example.org", "ana@example.org", "ana@example.org", "ana@example.org", "ana@example.org", "ana@example.org", "ana@example.org"} {
		got := p.post(resend, asJSON(t, map[string]string{"email": email})).is(http.StatusAccepted, "")
		if i == 0 {
			want = got
		}
		if string(got.raw) != string(want.raw) || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q %v", email, got.raw, got.header)
		}
	}
	p.post(forgot, asJSON(t, map[string]string{"email": "ana@example.org"})).is(http.StatusAccepted, "")
	a.Letter("ana@example.org", "/reset#", 1) // orders are fulfilled in turn, so the others have been
	eventually.True(t, "six letters have come", func() bool { return len(a.Letters("ana@example.org")) == 6 })
	if n := len(a.Letters("nobody@example.org")); n != 0 {
		t.Errorf("%d letters to nobody", n)
	}
}

func TestAnotherAddressIsTheAccountsOnceItIsProved(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a).as(s.AccessToken)
	other := p.as("").post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
	body := asJSON(t, map[string]string{"newEmail": "Ana.New@example.org", "reauthToken": p.proof()})
	p.post(changeEmail, body).is(http.StatusAccepted, "")
	letter := a.Letter("ana.new@example.org", "/verify#", 1)
	if got := p.get(profile).text("email"); got != "ana@example.org" {
		t.Errorf("before it is proved it is %s", got)
	}
	p.as("").post(verifyEmail, tokenOf(t, letter.Token())).is(http.StatusNoContent, "")
	got := p.get(profile).is(http.StatusOK, "") // the session that asked lives on
	if got.text("email") != "ana.new@example.org" || got.body()["emailVerified"] != true {
		t.Errorf("after: %s", got.raw)
	}
	p.as(other.text("accessToken")).get(profile).is(http.StatusUnauthorized, "session_ended")
	p.as("").post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	p.as("").post(login, credentials(t, "ana.new@example.org", authtest.Password)).is(http.StatusOK, "")
	if notice := a.Letter("ana@example.org", "was changed", 1); notice.Token() != "" {
		t.Errorf("the old address was told: %+v", notice)
	}
}

func TestAnAddressThatIsTakenIsNotTold(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	a.Register("bea@example.org", "Bea")
	p := newPhone(t, a).as(s.AccessToken)
	free := p.post(changeEmail, asJSON(t, map[string]string{"newEmail": "free@example.org", "reauthToken": p.proof()})).is(http.StatusAccepted, "")
	taken := p.post(changeEmail, asJSON(t, map[string]string{"newEmail": "bea@example.org", "reauthToken": p.proof()})).is(http.StatusAccepted, "")
	if string(free.raw) != string(taken.raw) {
		t.Errorf("%q and %q", free.raw, taken.raw)
	}
	if notice := a.Letter("bea@example.org", "has an account already", 1); notice.Token() != "" {
		t.Errorf("its holder was sent a link: %s", notice.Text)
	}
}

func TestAnAddressChangesOnlyForWhoHasTypedThePassword(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	bea := newPhone(t, a).as(a.Register("bea@example.org", "Bea").AccessToken)
	for name, proof := range map[string]string{"garbage": "x", "an access token": p.token, "somebody else's": bea.proof()} {
		got := p.post(changeEmail, asJSON(t, map[string]string{"newEmail": "new@example.org", "reauthToken": proof}))
		if got.is(http.StatusForbidden, "reauthentication_required"); got.status != http.StatusForbidden {
			t.Errorf("%s is taken", name)
		}
	}
	if diff := cmp.Diff(map[string]string{"reauthToken": "required"}, p.post(changeEmail, `{"newEmail":"x@example.org"}`).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
		t.Error(diff)
	}
	body := asJSON(t, map[string]string{"newEmail": "no address", "reauthToken": p.proof()})
	if diff := cmp.Diff(map[string]string{"newEmail": "invalid_format"}, p.post(changeEmail, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
		t.Error(diff)
	}
}

func code(t *testing.T, digits string) string {
	t.Helper()
	return asJSON(t, map[string]string{"phone": number, "code": digits})
}

func TestACodeBySMSVerifiesTheNumber(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	p.post(verifyPhone, `{"phone":"`+number+`"}`).is(http.StatusAccepted, "")
	digits := a.Letter(number, "code", 1).Code()
	p.post(confirm, code(t, digits)).is(http.StatusNoContent, "")
	got := p.get(profile)
	if got.text("phone") != number || got.body()["phoneVerified"] != true {
		t.Errorf("after: %s", got.raw)
	}
	p.post(confirm, code(t, digits)).is(http.StatusUnprocessableEntity, "validation_failed")
	// The number has moved on to somebody else.
	bea := newPhone(t, a).as(a.Register("bea@example.org", "Bea").AccessToken)
	bea.post(verifyPhone, `{"phone":"`+number+`"}`).is(http.StatusAccepted, "")
	bea.post(confirm, code(t, a.Letter(number, "code", 2).Code())).is(http.StatusNoContent, "")
	if got := p.get(profile).body()["phoneVerified"]; got != false {
		t.Errorf("it is verified by two: %v", got)
	}
}

func wrongCode(right string) string {
	if right == "000000" {
		return "000001"
	}
	return "000000"
}

func TestACodeHasFiveTriesAndTenMinutes(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	want := p.post(confirm, code(t, "123456")).is(http.StatusUnprocessableEntity, "validation_failed") // none was sent
	same := func(name string, got answer) {
		t.Helper()
		if diff := cmp.Diff(want.problem(), got.problem()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	p.post(verifyPhone, `{"phone":"`+number+`"}`).is(http.StatusAccepted, "")
	right := a.Letter(number, "code", 1).Code()
	for range 5 {
		same("wrong", p.post(confirm, code(t, wrongCode(right))))
	}
	same("right, too late", p.post(confirm, code(t, right)))
	p.post(verifyPhone, `{"phone":"`+number+`"}`).is(http.StatusAccepted, "")
	fresh := a.Letter(number, "code", 2).Code()
	same("of another number", p.post(confirm, asJSON(t, map[string]string{"phone": "+4915112345679", "code": fresh})))
	a.Advance(10 * time.Minute)
	same("expired", p.post(confirm, code(t, fresh)))
}

func TestWrongFormsOfNumbersAndCodesAreNamed(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	for body, want := range map[string]map[string]string{
		`{}`: {"phone": "required", "code": "required"},
		`{"phone":"015112345678","code":"12345"}`:    {"phone": "invalid_format", "code": "invalid_format"},
		`{"phone":"+4915112345678","code":"12a456"}`: {"code": "invalid_format"},
		`{"phone":"+4915112345678","code":123456}`:   {"code": "invalid_type"},
	} {
		if diff := cmp.Diff(want, p.post(confirm, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	p.post(verifyPhone, `{"phone":"`+number+`","phoneVerified":true}`).is(http.StatusUnprocessableEntity, "unknown_field")
	p.as("").post(verifyPhone, `{"phone":"`+number+`"}`).is(http.StatusUnauthorized, "unauthenticated")
}
