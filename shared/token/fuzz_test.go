package token_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/token"
)

// FuzzVerify: whatever comes in is one of three answers, and only one spelling
// of a token is accepted.
func FuzzVerify(f *testing.F) {
	good := sign(f, signer(f, token.SignerConfig{Secret: secret}), claims())
	parts := strings.Split(good, ".")
	f.Add(good)
	f.Add(parts[0] + "." + parts[1] + ".")
	f.Add("eyJhbGciOiJub25lIn0." + parts[1] + ".")
	f.Add(good + "=")
	f.Add(strings.ToUpper(good))
	f.Add("..")
	v := at(f, 0)
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := v.Verify(t.Context(), raw)
		if raw == good {
			if err != nil || got != claims() {
				t.Fatalf("%+v, %v", got, err)
			}
			return
		}
		if !errors.Is(err, token.ErrUnauthenticated) || got != (token.Claims{}) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func BenchmarkVerifyRemembered(b *testing.B) {
	s := signer(b, token.SignerConfig{Secret: secret})
	v := verifier(b, token.VerifierConfig{Keys: s, Now: newClock().Now, Revoked: feed(b, token.FeedConfig{URLs: []string{"http://auth"}})})
	raw := sign(b, s, claims())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(b.Context(), raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyRememberedParallel(b *testing.B) {
	s := signer(b, token.SignerConfig{Secret: secret})
	v := verifier(b, token.VerifierConfig{Keys: s, Now: newClock().Now})
	raw := sign(b, s, claims())
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Verify(b.Context(), raw); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkVerifyFirstTime(b *testing.B) {
	s := signer(b, token.SignerConfig{Secret: secret})
	raw := sign(b, s, claims())
	v := verifier(b, token.VerifierConfig{Keys: s, Now: newClock().Now})
	forged := flipEnd(raw)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = v.Verify(b.Context(), forged)
	}
}
