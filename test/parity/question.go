package main

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// question is a request that must not tell the states of accounts apart.
type question struct {
	path   string
	status int // of the answer, always
	states []state
	body   func(email string, s state) map[string]any
}

// state is what an account can be in.
type state struct {
	name string
	// prepare makes account n; nil: there is nobody. It answers false where this copy of auth cannot have the state.
	prepare func(p *prober, email string) (possible bool, err error)
	// each account is asked about that often at most; 0: all are one account.
	perAccount int
	// right: its password is sent.
	right bool
}

const (
	password = "correct horse battery staple"
	wrong    = "an incorrect horse"
	// perAccount wrong passwords are checked before guesses at an account are delayed.
	perAccount = 4
	// untilLocked wrong ones at the same moment, from many addresses, lock an account for a long time.
	untilLocked = 40
	// letters to one address in a while; the others are ordered and not sent.
	letters = 2
)

func questions() []question {
	unknown := state{name: "unknown", perAccount: perAccount}
	email := func(email string, _ state) map[string]any { return map[string]any{"email": email} }
	// The first state is what the others are compared with.
	return []question{
		{"/v1/auth/login", http.StatusUnauthorized, []state{
			unknown,
			{"wrong password", known, perAccount, false},
			{"locked", locked, 0, false},
			{"locked, right password", locked, 0, true},
			{"banned, right password", banned, perAccount, true},
			{"banned", banned, perAccount, false},
			{"social only", social, perAccount, false},
		}, func(email string, s state) map[string]any {
			typed := wrong
			if s.right {
				typed = password
			}
			return map[string]any{"email": email, "password": typed}
		}},
		{"/v1/auth/password/forgot", http.StatusAccepted, []state{
			unknown, {"known", known, letters, false}, {"known, too many letters", known, 0, false}, {"banned", banned, letters, false}, {"social only", social, letters, false},
		}, email},
		{"/v1/auth/email/resend", http.StatusAccepted, []state{
			unknown, {"known, not verified", known, letters, false}, {"verified", social, letters, false}, {"banned", banned, letters, false},
		}, email},
	}
}

// finding is what time told about one state.
type finding struct {
	path, state string
	area        float64 // 0.5: nothing
	median, p95 time.Duration
	first       bool
}

// ask goes round the states in a new order each time, so that whatever else the
// machine does, and what the request before left to do, hits all alike.
func (p *prober) ask(q question, samples int) []finding {
	p.round++
	states := slices.DeleteFunc(slices.Clone(q.states), func(s state) bool { return !p.make(s, samples) })
	took := make([][]time.Duration, len(states))
	for n := range samples {
		for _, i := range rand.Perm(len(states)) {
			s := states[i]
			took[i] = append(took[i], p.timed(q, p.email(s, n), s))
		}
	}
	var found []finding
	for i, s := range states {
		f := finding{path: q.path, state: s.name, area: auc(took[0], took[i]), first: i == 0}
		slices.Sort(took[i])
		f.median, f.p95 = took[i][len(took[i])/2], took[i][len(took[i])*95/100]
		found = append(found, f)
	}
	return found
}

// make brings all accounts of a state into it; false where this copy of auth has none such.
func (p *prober) make(s state, samples int) bool {
	p.t.Helper()
	if s.prepare == nil {
		return true
	}
	step := s.perAccount
	if step == 0 {
		step = samples
	}
	for n := 0; n < samples; n += step {
		possible, err := s.prepare(p, p.email(s, n))
		p.must(err)
		if !possible {
			return false
		}
	}
	return true
}

// email is that of the account which is asked about for the nth time.
func (p *prober) email(s state, n int) string {
	if s.perAccount == 0 {
		n = 0
	} else {
		n /= s.perAccount
	}
	return fmt.Sprintf("%08x-%d-%04d-%s@example.org", crc32.ChecksumIEEE([]byte(s.name)), p.round, n, p.run) // all of one length
}
