// Command parity measures whether the time of a refused sign-in tells what state
// an account is in. It talks to one copy of auth directly, because the gateway
// limits sign-ins.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"
)

// tolerance is the goal: |AUC − 0.5| over 500 samples a state.
const tolerance = 0.05

const (
	password = "correct horse battery staple"
	// perAccount wrong passwords are checked before guesses at an account are delayed.
	perAccount = 4
)

func main() {
	url := flag.String("url", "http://localhost:3001", "one copy of auth")
	samples := flag.Int("samples", 500, "refused sign-ins of each state")
	adminEmail := flag.String("admin", "", "a SUPER_ADMIN, to measure banned accounts too")
	adminPassword := flag.String("admin-password", "", "their password")
	flag.Parse()
	p := prober{url: *url, run: rand.Text(), client: &http.Client{Timeout: 10 * time.Second}}
	if err := p.measure(*samples, *adminEmail, *adminPassword); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type prober struct {
	url, run string
	client   *http.Client
}

// measure goes round the states in turn, so that whatever else the machine does hits all alike.
func (p prober) measure(samples int, admin, adminPassword string) error {
	states := []string{"unknown", "wrong", "locked"}
	if err := p.prepare(samples); err != nil {
		return err
	}
	if admin != "" {
		states = append(states, "banned")
		if err := p.ban(admin, adminPassword, samples); err != nil {
			return err
		}
	}
	took := map[string][]time.Duration{}
	for i := range samples {
		for _, state := range states {
			d, err := p.refused(p.email(state, i), state == "banned")
			if err != nil {
				return fmt.Errorf("%s: %w", state, err)
			}
			took[state] = append(took[state], d)
		}
	}
	return report(states, took)
}

func report(states []string, took map[string][]time.Duration) error {
	missed := 0
	for _, state := range states {
		area := auc(took[states[0]], took[state])
		slices.Sort(took[state])
		fmt.Fprintf(os.Stdout, "%-8s AUC %.3f, median %v\n", state, area, took[state][len(took[state])/2].Round(10*time.Microsecond))
		if area < 0.5-tolerance || area > 0.5+tolerance {
			missed++
		}
	}
	if missed > 0 {
		return fmt.Errorf("time tells %d states from an unknown address", missed)
	}
	return nil
}

func (p prober) email(state string, i int) string {
	if state == "locked" {
		i = 0
	}
	return fmt.Sprintf("%s-%d-%s@example.org", state, i/perAccount, p.run)
}

// prepare registers who gets it wrong, and has one account guessed at until it is locked.
func (p prober) prepare(samples int) error {
	for i := 0; i < samples; i += perAccount {
		if _, err := p.register(p.email("wrong", i)); err != nil {
			return err
		}
	}
	if _, err := p.register(p.email("locked", 0)); err != nil {
		return err
	}
	const untilLocked = 12
	for range untilLocked {
		if _, err := p.refused(p.email("locked", 0), false); err != nil {
			return err
		}
	}
	return nil
}

func (p prober) ban(admin, adminPassword string, samples int) error {
	var signedIn struct{ AccessToken string }
	if status, err := p.call(http.MethodPost, "/v1/auth/login", "", map[string]any{"email": admin, "password": adminPassword}, &signedIn); err != nil || status != http.StatusOK {
		return fmt.Errorf("sign the administrator in: %d %w", status, err)
	}
	for i := 0; i < samples; i += perAccount {
		id, err := p.register(p.email("banned", i))
		if err != nil {
			return err
		}
		status, err := p.call(http.MethodPatch, "/v1/admin/users/"+id, signedIn.AccessToken, map[string]any{"active": false}, nil)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("ban: %d %w", status, err)
		}
	}
	return nil
}

func (p prober) register(email string) (id string, err error) {
	var made struct{ User struct{ ID string } }
	status, err := p.call(http.MethodPost, "/v1/auth/register", "", map[string]any{"email": email, "password": password}, &made)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("register: %d", status)
	}
	return made.User.ID, err
}

// refused times one sign-in that must fail.
func (p prober) refused(email string, right bool) (time.Duration, error) {
	typed := "an incorrect horse"
	if right {
		typed = password
	}
	start := time.Now()
	status, err := p.call(http.MethodPost, "/v1/auth/login", "", map[string]any{"email": email, "password": typed}, nil)
	took := time.Since(start)
	if err == nil && status != http.StatusUnauthorized {
		err = fmt.Errorf("%d instead of 401", status)
	}
	return took, err
}

func (p prober) call(method, path, token string, body map[string]any, into any) (status int, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(context.Background(), method, p.url+path, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if into == nil {
		into = new(map[string]any)
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}
