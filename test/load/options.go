package main

import (
	"errors"
	"flag"
	"io"
	"time"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/profile"
)

// options of one run.
type options struct {
	on       target
	profile  profile.Profile
	out      string
	profiles string
	seed     uint64
}

func parse(args []string, output io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	f.SetOutput(output)
	o.on.flags(f)
	name := f.String("profile", "smoke", "smoke, full, alarms, alarms-burst, alarms-answered, artillery or artillery-smoke")
	sockets := f.Int("sockets", -1, "open so many WebSockets instead of the profile's")
	rate := f.Float64("rate", 0, "so many arrivals a second instead of the profile's")
	length := f.Duration("for", 0, "at that rate for so long")
	f.StringVar(&o.out, "out", "test/load/reports", "the folder for PROFILE.json and PROFILE.md; empty: only print")
	f.StringVar(&o.profiles, "pprof", "", "a folder for CPU profiles of every service, taken in the middle")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "the same seed gives the same arrivals")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, errors.New("run takes flags only: " + f.Arg(0) + " is none")
	}
	p, err := profile.Named(*name)
	if err != nil {
		return o, err
	}
	o.profile = change(p, *sockets, *rate, *length)
	return o, o.profile.Validate()
}

// change leaves the profile where nothing is given.
func change(p profile.Profile, sockets int, rate float64, length time.Duration) profile.Profile {
	if sockets >= 0 {
		p.Sockets = sockets
		p.Persons = max(p.Persons, sockets)
	}
	if rate > 0 || length > 0 {
		last := p.Phases[len(p.Phases)-1]
		if rate > 0 {
			last.Rate = rate
		}
		if length > 0 {
			last.For = length
		}
		p.Phases = []arrivals.Phase{last}
	}
	return p
}
