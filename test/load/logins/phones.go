package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/loveapp/backend/test/alone"
	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/world"
)

// patience is above anything that is measured here.
const patience = 10 * time.Second

// phones are people who are signed in, each on a connection of their own.
type phones struct {
	client *client.Client
	each   []*client.Phone
	who    []people.Account
}

func newPhones(t world.T, auth *alone.Auth, count int) *phones {
	t.Helper()
	p := &phones{client: client.New(auth.Addr, 2*count)}
	t.Cleanup(p.client.Close)
	for n := range count {
		p.each = append(p.each, p.client.Phone(netip.AddrFrom4([4]byte{127, 1, byte(n >> 8), byte(n)}))) //nolint:gosec // that is the point
	}
	var err error
	if p.who, err = (people.Registrar{Phone: func(n int) *client.Phone { return p.each[n] }}).Register(t.Context(), count); err != nil {
		t.Fatalf("register: %v", err)
	}
	return p
}

// login signs phone n's owner in anew.
func (p *phones) login(ctx context.Context, n int) (int, error) {
	body, err := json.Marshal(map[string]string{"email": p.who[n].Email, "password": p.who[n].Password, "deviceName": "phone"})
	if err != nil {
		return 0, err
	}
	answer, err := p.each[n].Do(ctx, client.Request{Method: http.MethodPost, Path: "/v1/auth/login", Device: p.who[n].DeviceToken, Body: body}, time.Now().Add(patience))
	return answer.Status, err
}

// refresh goes on with phone n's session, as its app does.
func (p *phones) refresh(ctx context.Context, n int) (int, error) {
	who := &p.who[n]
	answer, err := p.each[n].Do(ctx, client.Request{
		Method: http.MethodPost, Path: "/v1/auth/refresh", Device: who.DeviceToken, Body: []byte(`{"refreshToken":"` + who.RefreshToken + `"}`), Keep: true,
	}, time.Now().Add(patience))
	if err != nil || answer.Status != http.StatusOK {
		return answer.Status, err
	}
	var s people.SignedIn
	if err := json.Unmarshal(answer.Body, &s); err != nil {
		return answer.Status, err
	}
	who.RefreshToken, who.DeviceToken = s.RefreshToken, s.DeviceToken
	return answer.Status, nil
}

// done is what many did in a while.
type done struct {
	times  []time.Duration // of those that were answered with 200, sorted
	others map[int]int     // other statuses
	lasted time.Duration
}

func (d done) rate() float64 { return float64(len(d.times)) / d.lasted.Seconds() }

// busy has every phone do the same over and over, the next as soon as it is answered.
func (p *phones) busy(t world.T, lasting time.Duration, act func(context.Context, int) (int, error)) done {
	t.Helper()
	var mu sync.Mutex
	d := done{others: map[int]int{}}
	failures := make([]error, len(p.each))
	began := time.Now()
	var all sync.WaitGroup
	for n := range p.each {
		all.Go(func() {
			for time.Since(began) < lasting && t.Context().Err() == nil {
				start := time.Now()
				status, err := act(t.Context(), n)
				if err != nil {
					failures[n] = err
					return
				}
				mu.Lock()
				if status == http.StatusOK {
					d.times = append(d.times, time.Since(start))
				} else {
					d.others[status]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	d.lasted, d.times = time.Since(began), sorted(d.times)
	for n, err := range failures {
		if err != nil {
			t.Fatalf("phone %d: %v", n, err)
		}
	}
	if len(d.times) == 0 {
		t.Fatalf("nobody was answered: %s", fmt.Sprint(d.others))
	}
	return d
}
