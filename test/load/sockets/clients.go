package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/test/load/internal/people"
)

// dialsAtOnce is how many handshakes are under way at the same time.
const dialsAtOnce = 256

// clients are the sockets of this process.
type clients struct {
	ctx     context.Context //nolint:containedctx // the process's
	persons []people.Person
	room    string
	deaf    bool
	all     []*client
	running sync.WaitGroup

	mu     sync.Mutex
	lags   []time.Duration
	wanted int
	enough chan struct{}
}

// serveClients carries out orders until in ends.
func serveClients(ctx context.Context, in io.Reader, out io.Writer) error {
	c := &clients{ctx: ctx, enough: make(chan struct{}, 1)}
	defer c.drop()
	orders, reports := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read an order: %w", err)
		}
		r, err := c.do(o)
		if err != nil {
			r.Error = err.Error()
		}
		if err := reports.Encode(r); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
}

func (c *clients) do(o order) (report, error) {
	switch o.Do {
	case "open":
		return c.open(o)
	case "raw":
		return c.openRaw(o), nil
	case "drop":
		c.drop()
		return report{}, nil
	case "resume":
		return c.resume(), nil
	case "arm":
		c.arm(o.Count)
		return report{}, nil
	case "await":
		return c.await(o.Limit), nil
	}
	return report{}, fmt.Errorf("nobody knows how to %q", o.Do)
}

func (c *clients) open(o order) (report, error) {
	mint, err := people.NewMint(config.Secret(o.Key), o.Run, time.Now().Add(2*time.Hour))
	if err != nil {
		return report{}, err
	}
	if c.persons, err = people.Several(mint.Person, o.First, o.Count); err != nil {
		return report{}, err
	}
	c.room, c.deaf = o.Room, o.Deaf
	for _, p := range c.persons {
		c.all = append(c.all, &client{crowd: c, person: p, server: o.Server})
	}
	return c.each(c.all, (*client).connect), nil
}

// openRaw connects to the floor, where nothing is said but what is measured.
func (c *clients) openRaw(o order) report {
	var raw []*client
	for n := range o.Count {
		raw = append(raw, &client{crowd: c, person: people.Person{Phone: n}, server: o.Server, raw: true})
	}
	c.all = append(c.all, raw...)
	return c.each(raw, (*client).connect)
}

// resume brings everybody back who was dropped, and ends when they have caught up.
func (c *clients) resume() report { return c.each(c.all, (*client).comeBack) }

// each has all of them do something, many at once, and then listen.
func (c *clients) each(all []*client, do func(*client) error) report {
	began := time.Now()
	r := report{Each: make([]time.Duration, len(all)), Faults: map[string]int{}}
	var mu sync.Mutex
	var group sync.WaitGroup
	next := make(chan int)
	for range dialsAtOnce {
		group.Go(func() {
			for i := range next {
				err := do(all[i])
				mu.Lock()
				r.Each[i] = time.Since(began)
				if err != nil {
					r.Faults[err.Error()]++
				} else {
					r.Count++
				}
				mu.Unlock()
				if err == nil && !c.deaf {
					c.running.Go(all[i].listen)
				}
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	group.Wait()
	r.Took = time.Since(began)
	slices.Sort(r.Each)
	return r
}

func (c *clients) drop() {
	for _, one := range c.all {
		one.cut()
	}
	c.running.Wait()
}

func (c *clients) arm(count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lags, c.wanted = make([]time.Duration, 0, count), count
	select {
	case <-c.enough:
	default:
	}
}

var sentMark = []byte(`"sentNs":"`)

// came notes when a message has come that says when it was sent.
func (c *clients) came(text []byte) {
	now := time.Now().UnixNano()
	_, after, found := bytes.Cut(text, sentMark)
	digits, _, ended := bytes.Cut(after, []byte(`"`))
	sent, err := strconv.ParseInt(string(digits), 10, 64)
	if !found || !ended || err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lags = append(c.lags, time.Duration(now-sent))
	if len(c.lags) == c.wanted {
		select {
		case c.enough <- struct{}{}:
		default:
		}
	}
}

// await reports once all that was armed for has come, or the limit is over.
func (c *clients) await(limit time.Duration) report {
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-c.enough:
	case <-late.C:
	case <-c.ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := report{Count: len(c.lags), Each: slices.Clone(c.lags)}
	slices.Sort(r.Each)
	return r
}
