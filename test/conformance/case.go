package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"
)

// check is one case; play returns what the server did wrong.
// playing is how a case is played.
type playing = func(ctx context.Context, t target) error

type check struct {
	id, what string
	play     playing
}

// target is a server under test.
type target struct {
	name, addr string
	token      func() string // of a new user each
	// grows tells by how many bytes the server's memory is larger than at the
	// start; nil where nobody can.
	heap func() uint64
}

// result is what came of a check.
type result struct {
	check
	target string
	took   time.Duration
	err    error
}

// atOnce is how many cases are played at the same time.
const atOnce = 8

// play plays every check on every target, some at once.
func play(ctx context.Context, targets []target, checks []check) []result {
	var results []result
	for _, t := range targets {
		for _, c := range checks {
			results = append(results, result{check: c, target: t.name})
		}
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for n := range results {
		r, t := &results[n], targets[n/len(checks)]
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			begun := time.Now()
			r.err = r.play(ctx, t)
			r.took = time.Since(begun)
		})
	}
	group.Wait()
	return results
}

// write prints the table and gives how many cases failed.
func write(out io.Writer, results []result) (failed int) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format, args...) }
	line("case\tserver\tresult\ttook\twhat\n")
	for _, r := range results {
		verdict := "strict"
		if r.err != nil {
			failed++
			verdict = "FAILED: " + r.err.Error()
		}
		line("%s\t%s\t%s\t%s\t%s\n", r.id, r.target, verdict, r.took.Round(time.Millisecond), r.what)
	}
	_ = table.Flush()
	_, _ = fmt.Fprintf(out, "%d cases, %d failed\n", len(results), failed)
	return failed
}

// answered sends frames and wants the pong that the message in them asks for.
func answered(frames []frame, chopped int) playing {
	return func(ctx context.Context, t target) error {
		p, err := t.dial(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = p.conn.Close() }()
		if err := p.send(frames, chopped); err != nil {
			return err
		}
		if err := p.expect(`"type":"pong"`); err != nil {
			return err
		}
		return p.alive()
	}
}

// closed sends frames and wants the connection closed with one of the codes.
func closed(frames []frame, codes ...uint16) playing {
	return closedChopped(frames, 0, codes...)
}

func closedChopped(frames []frame, chopped int, codes ...uint16) playing {
	return func(ctx context.Context, t target) error {
		p, err := t.dial(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = p.conn.Close() }()
		if err := p.send(frames, chopped); err != nil {
			return err
		}
		return p.expectClose(codes...)
	}
}

// scene plays anything on an open socket.
func scene(act func(p *peer) error) playing {
	return func(ctx context.Context, t target) error {
		p, err := t.dial(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = p.conn.Close() }()
		return act(p)
	}
}
