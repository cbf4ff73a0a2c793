// Package profile says how large a load is.
package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/traffic"
)

// Profile is one load.
type Profile struct {
	Name   string           `json:"name"`
	Mix    traffic.Mix      `json:"mix"`
	Phases []arrivals.Phase `json:"phases"`
	// Sockets are open all the time; ConnectRate of them are opened a second.
	Sockets     int     `json:"sockets"`
	ConnectRate float64 `json:"connectRate"`
	// Persons send the requests; they have tokens only. Accounts are registered,
	// of which the first are Circles: Reporters who call for help, and the Helpers
	// who hear all of them. Where Minted, accounts have tokens only, too.
	Persons   int  `json:"persons"`
	Accounts  int  `json:"accounts"`
	Circles   int  `json:"circles"`
	Reporters int  `json:"reporters"` // in each circle
	Helpers   int  `json:"helpers"`   // in each circle
	Minted    bool `json:"minted"`
	// Inbox is how many notifications each person has before the start.
	Inbox int `json:"inbox"`
	// Addresses are what all of them share. Limits by address stay on: 50
	// requests a second, 10 under /v1/auth, 5 under /v1/sos.
	Addresses int `json:"addresses"`
	// Workers are the driver's processes; each has at most InFlight requests on their way.
	Workers  int `json:"workers"`
	InFlight int `json:"inFlight"`
}

// descriptors that a process may hold on the machine to plan for, less a
// reserve for pipes, logs and what is being closed.
const descriptors = 20_000 - 500

// Named gives a profile.
func Named(name string) (Profile, error) {
	all := profiles()
	p, ok := all[name]
	if !ok {
		return p, fmt.Errorf("there is no profile %q: choose from %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	p.Name = name
	return p, nil
}

func profiles() map[string]Profile {
	visits := Profile{Mix: traffic.Visits, Persons: 20_000, Inbox: 5, Addresses: 1000, Workers: 2, InFlight: 2000}
	return map[string]Profile{
		"smoke": {
			Mix: traffic.App, Phases: []arrivals.Phase{{For: 60 * time.Second, Rate: 300}},
			Sockets: 500, ConnectRate: 250, Persons: 2000, Accounts: 60, Circles: 10, Reporters: 1, Helpers: 1, Inbox: 5, Addresses: 400, Workers: 2, InFlight: 500,
		},
		// One per cent more than the 5,000 that are promised, so that chance does
		// not decide. That is at most 15 a minute for each of 20,000 persons and 45
		// for each account: the limit of 100 a minute holds.
		"full": {
			Mix: traffic.App, Phases: []arrivals.Phase{{For: 5 * time.Minute, Rate: 5050}},
			Sockets: 20_000, ConnectRate: 400, Persons: 20_000, Accounts: 700, Circles: 100, Reporters: 1, Helpers: 1, Inbox: 5, Addresses: 1000, Workers: 2, InFlight: 1500,
		},
		// What the calls for help themselves can do, each with five contacts: 200 a
		// second for 10 s, and a thousand in one second. Everybody calls once.
		"alarms": {
			Mix: traffic.Presses, Phases: []arrivals.Phase{{For: 10 * time.Second, Rate: 200}},
			Sockets: 2000, ConnectRate: 400, Persons: 2, Accounts: 4400, Circles: 400, Reporters: 6, Helpers: 5, Minted: true, Addresses: 1000, Workers: 2, InFlight: 1000,
		},
		"alarms-burst": {
			Mix: traffic.Presses, Phases: []arrivals.Phase{{For: time.Second, Rate: 1000}},
			Sockets: 6000, ConnectRate: 400, Persons: 2, Accounts: 7200, Circles: 1200, Reporters: 1, Helpers: 5, Minted: true, Addresses: 1000, Workers: 2, InFlight: 1000,
		},
		// Each of them acknowledged by one contact and resolved, which is told to
		// everybody, too: three times the notifications.
		"alarms-answered": {
			Mix: traffic.Alarms, Phases: []arrivals.Phase{{For: 30 * time.Second, Rate: 50}},
			Sockets: 2000, ConnectRate: 400, Persons: 2, Accounts: 2400, Circles: 400, Reporters: 1, Helpers: 5, Minted: true, Addresses: 1000, Workers: 2, InFlight: 1000,
		},
		// The phases of artillery.yml: arrivals are visits of four requests.
		"artillery":       visits.during(arrivals.Phase{For: 300 * time.Second, Rate: 100}, arrivals.Phase{For: 600 * time.Second, Rate: 200}),
		"artillery-smoke": visits.during(arrivals.Phase{For: 20 * time.Second, Rate: 100}, arrivals.Phase{For: 40 * time.Second, Rate: 200}),
	}
}

func (p Profile) during(phases ...arrivals.Phase) Profile {
	p.Phases = phases
	return p
}

// Validate reports every mistake at once.
func (p Profile) Validate() error {
	var m config.Mistakes
	for _, phase := range p.Phases {
		if phase.For <= 0 || phase.Rate <= 0 {
			m.Add("a phase needs a time and a rate above 0")
		}
	}
	for name, n := range map[string]int{"persons": p.Persons, "addresses": p.Addresses, "workers": p.Workers, "requests in flight": p.InFlight} {
		if n < 1 {
			m.Add("there must be at least one of: %s", name)
		}
	}
	if p.Sockets > 0 && p.ConnectRate <= 0 {
		m.Add("sockets need a rate at which to open them")
	}
	if p.Addresses > loopback.Capacity {
		m.Add("there are %d addresses to choose from", loopback.Capacity)
	}
	if err := m.Err(); err != nil {
		return err
	}
	if p.Mix.Calls() && (p.Circles < p.Workers || p.Reporters < 1 || p.Helpers < 1 || p.Accounts < p.Circles*(p.Reporters+p.Helpers) || p.Sockets < p.Circles*p.Helpers) {
		m.Add("alarms need a circle for each worker, an account for each of its members, and a socket for each helper")
	}
	if listeners := p.Sockets - p.Circles*p.Helpers; listeners > p.Persons {
		m.Add("%d sockets need as many persons, not %d", listeners, p.Persons)
	}
	// Beside its sockets a worker has the requests on their way and what its phones keep.
	if held := p.Sockets/p.Workers + p.InFlight + p.Addresses; held > descriptors {
		m.Add("a worker would hold up to %d descriptors of %d: give it more workers", held, descriptors)
	}
	return m.Err()
}
