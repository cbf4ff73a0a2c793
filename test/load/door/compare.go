package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// readyWithin bounds the wait for a contender's first answer.
const readyWithin = time.Minute

// compare lets every contender serve in every round: what else the machine does
// in a round hits all alike.
func compare(t world.T, o options) results {
	t.Helper()
	all := entrants(t, o)
	for _, c := range all {
		await(t, c)
	}
	r := results{rounds: make([]map[string]took, o.rounds)}
	for _, c := range all {
		r.names = append(r.names, c.name)
	}
	for i := range r.rounds {
		r.rounds[i] = make(map[string]took)
		for _, c := range all {
			r.rounds[i][c.name] = measure(t, c, o)
		}
	}
	return r
}

// entrants are the contenders with what they are asked; the gateway is two of them.
func entrants(t world.T, o options) (all []contender) {
	t.Helper()
	one, many := requestsOf(mint(t, 1)), requestsOf(mint(t, o.users))
	for _, c := range contenders(t) {
		c.asks = one
		all = append(all, c)
		if c.name == gatewayCommand {
			c.name, c.asks = fmt.Sprintf("%s, %d users", c.name, o.users), many
			all = append(all, c)
		}
	}
	return all
}

// mint makes the tokens of so many users for an hour.
func mint(t world.T, users int) (bearers []string) {
	t.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: program.Secret})
	if err != nil {
		t.Fatalf("sign tokens: %v", err)
	}
	now := time.Now()
	for range users {
		raw, err := signer.Sign(token.Claims{
			Subject: idgen.NewV7(), SessionID: idgen.NewV7(), ID: idgen.NewV7(), Role: token.RoleUser, IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		})
		if err != nil {
			t.Fatalf("sign a token: %v", err)
		}
		bearers = append(bearers, "Bearer "+raw)
	}
	return bearers
}

func await(t world.T, c contender) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyWithin)
	defer cancel()
	for {
		_, err := ask(ctx, c.addr, c.asks, 1, 50*time.Millisecond)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not answer: %v", c.name, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func measure(t world.T, c contender, o options) took {
	t.Helper()
	before := used(t, c)
	result, err := ask(t.Context(), c.addr, c.asks, o.connections, o.lasting)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	after := used(t, c)
	result.cpu = after[c.pid] - before[c.pid]
	if c.redis != 0 {
		result.redis = after[c.redis] - before[c.redis]
	}
	return result
}

func used(t world.T, c contender) map[int]time.Duration {
	t.Helper()
	pids := []int{c.pid}
	if c.redis != 0 {
		pids = append(pids, c.redis)
	}
	cpu, err := meter.CPU(pids)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return cpu
}

func median[T any](of []T, value func(T) float64) float64 {
	values := make([]float64, 0, len(of))
	for _, one := range of {
		values = append(values, value(one))
	}
	slices.SortFunc(values, cmp.Compare[float64])
	return values[len(values)/2]
}
