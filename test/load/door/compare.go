package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
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

// compare lets every contender serve in every round, and prints the medians of
// the rounds' ratios: what else the machine does in a round hits all alike.
func compare(t world.T, o options, out io.Writer) {
	t.Helper()
	all, bearer := contenders(t), mint(t)
	for _, c := range all {
		await(t, c, bearer)
	}
	rounds := make([]map[string]took, o.rounds)
	for i := range rounds {
		rounds[i] = make(map[string]took)
		for _, c := range all {
			rounds[i][c.name] = measure(t, c, bearer, o)
		}
	}
	_, _ = fmt.Fprintf(out, "%d rounds of %s, %d connections; medians, and medians of the ratios to the bare ReverseProxy\n", o.rounds, o.lasting, o.connections)
	_, _ = fmt.Fprintf(out, "%-8s %10s %7s %12s %7s %14s %7s\n", "", "requests/s", "ratio", "p99", "ratio", "CPU a request", "ratio")
	for _, c := range all {
		own := func(of func(took) float64) float64 {
			return median(rounds, func(r map[string]took) float64 { return of(r[c.name]) })
		}
		ratio := func(of func(took) float64) float64 {
			return median(rounds, func(r map[string]took) float64 { return of(r[c.name]) / of(r[bareCommand]) })
		}
		p99 := func(k took) float64 { return float64(k.p99) }
		_, _ = fmt.Fprintf(out, "%-8s %10.0f %7.2f %12s %7.2f %14s %7.2f\n", c.name, own(took.rate), ratio(took.rate),
			time.Duration(own(p99)).Round(10*time.Microsecond), ratio(p99), time.Duration(own(took.cpuEach)).Round(100*time.Nanosecond), ratio(took.cpuEach))
	}
}

// mint makes the token of somebody for an hour.
func mint(t world.T) string {
	t.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: program.Secret})
	if err != nil {
		t.Fatalf("sign tokens: %v", err)
	}
	now := time.Now()
	raw, err := signer.Sign(token.Claims{
		Subject: idgen.NewV7(), SessionID: idgen.NewV7(), ID: idgen.NewV7(), Role: token.RoleUser, IssuedAt: now, ExpiresAt: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatalf("sign a token: %v", err)
	}
	return "Bearer " + raw
}

func await(t world.T, c contender, bearer string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyWithin)
	defer cancel()
	for {
		_, err := ask(ctx, c.addr, bearer, 1, 50*time.Millisecond)
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

func measure(t world.T, c contender, bearer string, o options) took {
	t.Helper()
	before, err := meter.CPU([]int{c.pid})
	if err != nil {
		t.Fatalf("%v", err)
	}
	result, err := ask(t.Context(), c.addr, bearer, o.connections, o.lasting)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	after, err := meter.CPU([]int{c.pid})
	if err != nil {
		t.Fatalf("%v", err)
	}
	result.cpu = after[c.pid] - before[c.pid]
	return result
}

func median[T any](of []T, value func(T) float64) float64 {
	values := make([]float64, 0, len(of))
	for _, one := range of {
		values = append(values, value(one))
	}
	slices.SortFunc(values, cmp.Compare[float64])
	return values[len(values)/2]
}
