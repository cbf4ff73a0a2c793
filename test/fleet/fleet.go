// Package fleet lives a year and more with phones that refresh, lose answers,
// ask twice and lie in drawers, and with thieves among them: no honest phone may
// be signed out, and every theft must be noticed.
package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/loveapp/backend/auth/authtest"
)

// Plan is how much of it.
type Plan struct {
	Phones int
	Life   time.Duration // simulated
	Seed   uint64
}

const (
	lostReplies = 0.05 // of all answers never reach the phone
	asksAtOnce  = 0.10 // of refreshes are sent several times at the same moment
	drawers     = 0.02 // of pauses last months
	thefts      = 0.05 // of phones are stolen from once
	mostAtOnce  = 4
	meanPause   = 12 * 24 * time.Hour
	longest     = 399 * 24 * time.Hour // a session may lie unused for 400 days
)

// Result is what happened.
type Result struct {
	Refreshes, Lost int
	AtOnce          int // moments at which a phone asked several times
	Months          int // refreshes after 60 days and more in a drawer
	Longest         time.Duration
	SignedOut       int // honest phones; none may be
	Stolen, Caught  int
	Kinds           [kinds]Theft
}

// Theft is what became of one kind.
type Theft struct{ Tried, Caught int }

// unused is what counts as months in a drawer.
const unused = 60 * 24 * time.Hour

// phone is a session as its phone knows it.
type phone struct {
	session authtest.Session
	// older are tokens that have been replaced, the newest last.
	older []string
	due   time.Duration
	rob   bool
}

// fleet is a run.
type fleet struct {
	plan   Plan
	copies []*authtest.Auth
	client *http.Client
	chance *rand.Rand
	now    time.Duration
	result Result
}

// Live runs the plan against copies of one service, which share their data and their time.
func Live(p Plan, copies []*authtest.Auth) (Result, error) {
	f := &fleet{
		plan: p, copies: copies, chance: rand.New(rand.NewPCG(p.Seed, p.Seed)), //nolint:gosec // a simulation is to be repeatable
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: mostAtOnce}},
	}
	defer f.client.CloseIdleConnections()
	queue := f.people()
	for len(queue) > 0 {
		next := queue.pop()
		if next.due > p.Life {
			break
		}
		f.copies[0].Advance(next.due - f.now)
		f.now = next.due
		if err := f.use(next); err != nil {
			return f.result, err
		}
		pause := f.pause()
		next.due += pause
		if next.due <= p.Life {
			f.rested(pause)
		}
		queue.push(next)
	}
	return f.result, nil
}

func (f *fleet) people() (queue agenda) {
	for i := range f.plan.Phones {
		p := &phone{session: f.copies[0].Register(fmt.Sprintf("phone-%d@example.org", i), ""), rob: f.chance.Float64() < thefts}
		p.due = f.pause()
		queue.push(p)
	}
	return queue
}

func (f *fleet) pause() time.Duration {
	mean := meanPause
	if f.chance.Float64() < drawers {
		mean *= 15
	}
	return min(longest, time.Minute+time.Duration(f.chance.ExpFloat64()*float64(mean)))
}

func (f *fleet) rested(pause time.Duration) {
	f.result.Longest = max(f.result.Longest, pause)
	if pause >= unused {
		f.result.Months++
	}
}

// use is a phone that is taken out of a pocket.
func (f *fleet) use(p *phone) error {
	if p.rob && len(p.older) >= 2 {
		p.rob = false
		return f.steal(p)
	}
	times := 1
	if f.chance.Float64() < asksAtOnce {
		times = 2 + f.chance.IntN(mostAtOnce-1)
		f.result.AtOnce++
	}
	answers, err := f.ask(p.session.RefreshToken, p.session.DeviceToken, times)
	if err != nil {
		return err
	}
	for _, a := range answers {
		f.result.Refreshes++
		if a.status != http.StatusOK || a.RefreshToken != answers[0].RefreshToken {
			f.result.SignedOut++
			return fmt.Errorf("an honest phone got %d %s after %s", a.status, a.Code, f.now)
		}
	}
	if f.chance.Float64() < lostReplies {
		f.result.Lost++ // next time the phone shows the same token again
		return nil
	}
	p.older = append(p.older, p.session.RefreshToken)
	p.session.RefreshToken, p.session.DeviceToken = answers[0].RefreshToken, answers[0].DeviceToken
	return nil
}

// answer is that of a refresh or a sign-in.
type answer struct {
	status       int
	Code         string
	RefreshToken string
	DeviceToken  string
}

// ask sends one refresh some times at the same moment, each to any copy.
func (f *fleet) ask(token, device string, times int) ([]answer, error) {
	answers, failures := make([]answer, times), make([]error, times)
	var all sync.WaitGroup
	for i := range times {
		at := f.copies[f.chance.IntN(len(f.copies))].URL
		all.Go(func() {
			answers[i], failures[i] = f.post(at+"/v1/auth/refresh", device, map[string]string{"refreshToken": token})
		})
	}
	all.Wait()
	return answers, errors.Join(failures...)
}

func (f *fleet) post(url, device string, body map[string]string) (a answer, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(raw)) // the run ends with its test
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	if device != "" {
		req.Header.Set("X-Device-Token", device)
	}
	res, err := f.client.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = res.Body.Close() }()
	a.status = res.StatusCode
	return a, json.NewDecoder(res.Body).Decode(&a)
}
