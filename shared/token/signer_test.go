package token_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/token"
)

// TestTheKeyFollowsFromTheSecret pins the derivation: were it to change, a new
// release would refuse every token of the one before it.
func TestTheKeyFollowsFromTheSecret(t *testing.T) {
	t.Parallel()
	const want = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"cjkgw9fqzJhL2OjRZw6qDwB_p0UkMGsIOonp_AyGKqs","use":"sig","alg":"EdDSA","kid":"c55bkJMDBzZhHkKf9wnBEcEVNVhAEskh7o4vbe-vhUk"}]}`
	if got := string(signer(t, token.SignerConfig{Secret: secret}).JWKS()); got != want {
		t.Fatalf("published %s", got)
	}
}

func TestTheTokenIsWrittenAsPromised(t *testing.T) {
	t.Parallel()
	raw := sign(t, signer(t, token.SignerConfig{Secret: secret}), claims())
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"iss":"loveapp-auth","aud":"loveapp","sub":"user-1","exp":1772367300.123,"iat":1772366400.123,"nbf":1772366400.123,"jti":"token-1","sid":"session-1","role":"USER"}`
	if string(body) != want {
		t.Fatalf("claims %s", body)
	}
	whole := claims()
	whole.IssuedAt, whole.NotBefore, whole.ExpiresAt = issued.Truncate(time.Second), time.Time{}, issued.Truncate(time.Second).Add(time.Minute)
	body, err = base64.RawURLEncoding.DecodeString(strings.Split(sign(t, signer(t, token.SignerConfig{Secret: secret}), whole), ".")[1])
	if err != nil || !strings.Contains(string(body), `"exp":1772366460,"iat":1772366400,"nbf":1772366400,`) {
		t.Fatalf("claims %s, %v", body, err)
	}
}

func TestIncompleteClaimsAreNotSigned(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*token.Claims){
		"no user":              func(c *token.Claims) { c.Subject = "" },
		"no session":           func(c *token.Claims) { c.SessionID = "" },
		"no id":                func(c *token.Claims) { c.ID = "" },
		"no role":              func(c *token.Claims) { c.Role = "" },
		"an unknown role":      func(c *token.Claims) { c.Role = "ROOT" },
		"no beginning":         func(c *token.Claims) { c.IssuedAt = time.Time{} },
		"no end":               func(c *token.Claims) { c.ExpiresAt = time.Time{} },
		"over before it began": func(c *token.Claims) { c.ExpiresAt = c.IssuedAt },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := claims()
			spoil(&c)
			if raw, err := signer(t, token.SignerConfig{Secret: secret}).Sign(c); err == nil {
				t.Fatalf("signed %s", raw)
			}
		})
	}
}

func TestAWeakOrMissingSecretIsRefused(t *testing.T) {
	t.Parallel()
	short := config.Secret("31 bytes are one byte too short")
	for name, cfg := range map[string]token.SignerConfig{
		"none": {}, "short": {Secret: short}, "short before": {Secret: secret, Previous: []config.Secret{short}}, "short after": {Secret: secret, Next: short},
	} {
		if _, err := token.NewSigner(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), short.Value()) {
			t.Errorf("%s: the message holds the secret", name)
		}
	}
}

// TestARotationRefusesNobody walks through one: a verifier of each step takes
// the tokens of the steps beside it.
func TestARotationRefusesNobody(t *testing.T) {
	t.Parallel()
	steps := []*token.Signer{
		signer(t, token.SignerConfig{Secret: secret}),
		signer(t, token.SignerConfig{Secret: secret, Next: next}),
		signer(t, token.SignerConfig{Secret: next, Previous: []config.Secret{secret}}),
		signer(t, token.SignerConfig{Secret: next}),
	}
	accepts := func(by, from int) bool {
		v := verifier(t, token.VerifierConfig{Keys: steps[by], Now: newClock().Now})
		_, err := v.Verify(t.Context(), sign(t, steps[from], claims()))
		if err != nil && !errors.Is(err, token.ErrUnauthenticated) {
			t.Fatal(err)
		}
		return err == nil
	}
	for i := range steps {
		for j := max(0, i-1); j <= min(len(steps)-1, i+1); j++ {
			if !accepts(i, j) {
				t.Errorf("step %d refuses a token of step %d", i, j)
			}
		}
	}
	if accepts(3, 0) {
		t.Error("a secret that is gone still signs")
	}
}

func TestTheSigningKeyComesFirstAndNoKeyTwice(t *testing.T) {
	t.Parallel()
	own := kids(t, signer(t, token.SignerConfig{Secret: secret}))
	all := kids(t, signer(t, token.SignerConfig{Secret: secret, Next: next, Previous: []config.Secret{previous}}))
	if len(all) != 3 || all[0] != own[0] {
		t.Fatalf("published %v, signs with %v", all, own)
	}
	if same := kids(t, signer(t, token.SignerConfig{Secret: secret, Next: secret, Previous: []config.Secret{secret}})); !slices.Equal(same, own) {
		t.Fatalf("published %v", same)
	}
}
