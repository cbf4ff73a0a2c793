package main

import (
	"context"
	"fmt"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/world"
)

const (
	// tokens that are seen for the first time, and checks of those that are remembered.
	firstSeen  = 20_000
	remembered = 1_000_000
	// revokedSessions that every check is held against.
	revokedSessions = 100_000
)

// crowd is a list of revocations as a busy quarter of an hour leaves it.
type crowd map[string]struct{}

// Revoked looks the session up.
func (c crowd) Revoked(claims token.Claims) bool {
	_, ended := c[claims.SessionID]
	return ended
}

// checks measures the verifier of shared/token. It has no connection to
// anything: what it asks, it has in memory.
func checks(t world.T, p *page) {
	t.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: config.Secret("a secret of the measurements, 32 bytes or more")})
	if err != nil {
		t.Fatalf("sign tokens: %v", err)
	}
	ended := make(crowd, revokedSessions)
	for range revokedSessions {
		ended[idgen.NewV7()] = struct{}{}
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: signer, Revoked: ended})
	if err != nil {
		t.Fatalf("verify tokens: %v", err)
	}
	tokens := mint(t, signer)
	first := timed(t, verifier, tokens, firstSeen)
	p.add("checks a second of tokens seen for the first time", perSecond(first), "", true)
	p.add("such a check", fmt.Sprintf("p50 %s, p99 %s", short(quantile(first, 0.5)), short(quantile(first, 0.99))), fmt.Sprintf("p99 < %s", checkGoal), quantile(first, 0.99) < checkGoal)
	again := timed(t, verifier, tokens, remembered)
	p.add("checks a second of tokens that are remembered", perSecond(again), "", true)
	p.add("such a check, Redis not asked", fmt.Sprintf("p50 %s, p99 %s", short(quantile(again, 0.5)), short(quantile(again, 0.99))), fmt.Sprintf("p99 < %s", checkGoal), quantile(again, 0.99) < checkGoal)
}

func mint(t world.T, signer *token.Signer) []string {
	t.Helper()
	tokens := make([]string, firstSeen)
	now := time.Now()
	for i := range tokens {
		var err error
		if tokens[i], err = signer.Sign(token.Claims{
			Subject: idgen.NewV7(), SessionID: idgen.NewV7(), ID: idgen.NewV7(), Role: token.RoleUser, IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		}); err != nil {
			t.Fatalf("sign a token: %v", err)
		}
	}
	return tokens
}

// timed checks one token after the other, some number of times, and gives how long each took, sorted.
func timed(t world.T, v *token.Verifier, tokens []string, count int) []time.Duration {
	t.Helper()
	times := make([]time.Duration, count)
	for i := range times {
		start := time.Now()
		_, err := v.Verify(context.Background(), tokens[i%len(tokens)])
		times[i] = time.Since(start)
		if err != nil {
			t.Fatalf("verify: %v", err)
		}
	}
	return sorted(times)
}

func perSecond(times []time.Duration) string {
	var all time.Duration
	for _, one := range times {
		all += one
	}
	return fmt.Sprintf("%.0f", float64(len(times))/all.Seconds())
}
