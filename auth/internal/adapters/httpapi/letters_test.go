package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth/authtest"
)

func body(text string) *strings.Reader { return strings.NewReader(text) }

func TestTheOwnerIsToldWhatBecomesOfTheSecondFactor(t *testing.T) {
	t.Parallel()
	g := guard(t, authtest.Start(t, authtest.Options{}))
	g.a.Letter("ana@example.org", "Two-step verification is on", 1)
	g.recover(g.challenge(), g.recovery[0]).is(http.StatusOK, "")
	g.a.Letter("ana@example.org", "A recovery code was used", 1)
	g.phone.send(http.MethodDelete, totp, body(asJSON(t, map[string]string{"reauthToken": reauthToken(t, g.phone)})), "application/json").is(http.StatusNoContent, "")
	g.a.Letter("ana@example.org", "Two-step verification is off", 1)
	if n := len(g.a.Letters("ana@example.org")); n != 4 { // with that which verifies the address
		t.Errorf("%d letters", n)
	}
}

func TestANewcomerWhoseProviderVouchesForNoAddressVerifiesIt(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	came := c.visit(map[string]any{"email_verified": false}).is(http.StatusOK, "")
	if user, _ := came.body()["user"].(map[string]any); user["emailVerified"] != false {
		t.Fatalf("%s", came.raw)
	}
	token := c.a.Letter("ana@example.org", "/verify#", 1).Token()
	p := newPhone(t, c.a)
	p.post("/v1/auth/email/verify", asJSON(t, map[string]string{"token": token})).is(http.StatusNoContent, "")
	if got := p.as(came.text("accessToken")).get(profile).is(http.StatusOK, "").body()["emailVerified"]; got != true {
		t.Errorf("verified: %v", got)
	}
}

func TestANewcomerWhoseProviderVouchesForTheAddressGetsNoLetter(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	c.visit(nil).is(http.StatusOK, "")
	c.visit(map[string]any{"sub": "another", "email": "bea@example.org", "email_verified": false}).is(http.StatusOK, "")
	c.a.Letter("bea@example.org", "/verify#", 1) // letters go out in some order, but this one was queued later
	if letters := c.a.Letters("ana@example.org"); len(letters) > 0 {
		t.Errorf("%v", letters)
	}
}

func TestAnExportShowsWaysInSecondFactorAndWhatWaits(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	came := c.visit(map[string]any{"email_verified": false}).is(http.StatusOK, "")
	p := newPhone(t, c.a).as(came.text("accessToken"))
	proof := p.post(reauthenticate, asJSON(t, map[string]string{"provider": "acme", "idToken": c.issuer.Sign(c.claims(nil)), "nonce": nonce})).is(http.StatusOK, "")
	offer := p.post(totp, asJSON(t, map[string]string{"reauthToken": proof.text("reauthToken")})).is(http.StatusCreated, "")
	got := p.get(export).is(http.StatusOK, "")
	for _, want := range []string{`"provider":"acme","subject":"person-7"`, `"method":"totp","confirmedAt":null`, `"purpose":"verify_email"`, `"queuedMessages":[`} {
		if !strings.Contains(string(got.raw), want) {
			t.Errorf("no %s in %s", want, got.raw)
		}
	}
	if strings.Contains(string(got.raw), offer.text("secret")) {
		t.Error("the secret is in it")
	}
}
