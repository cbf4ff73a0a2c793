package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/profile"
	"github.com/loveapp/backend/test/load/internal/stack"
	"github.com/loveapp/backend/test/load/internal/worker"
)

const (
	// administrators send one announcement after the other; each may do 100
	// things a minute.
	administrators = 100
	// batch of people to whom one announcement goes.
	batch = 500
	// setUpLimit is added to the life of tokens: they outlive the set-up.
	setUpLimit = 20 * time.Minute
	// filling are the announcements on their way at once.
	filling = 4
)

// population is everybody of a run.
type population struct {
	persons, admins []people.Person
	accounts        []people.Account
}

// populate makes people, registers accounts and fills inboxes, as fast as the
// limits let it.
func populate(ctx context.Context, p profile.Profile, s stack.Stack, server string, progress io.Writer) (population, error) {
	var all population
	m, err := people.NewMint(s.JWT, people.NewRun(), time.Now().Add(arrivals.Total(p.Phases)+setUpLimit))
	if err != nil {
		return all, err
	}
	if all.persons, err = people.Several(m.Person, 0, p.Persons); err != nil {
		return all, err
	}
	if all.admins, err = people.Several(m.Admin, 0, administrators); err != nil {
		return all, err
	}
	c := client.New(server, batch)
	defer c.Close()
	phones := make([]*client.Phone, p.Addresses)
	for n := range phones {
		phones[n] = c.Phone(loopback.Addr(n))
	}
	r := people.Registrar{Phone: func(n int) *client.Phone { return phones[n%len(phones)] }}
	begun := time.Now()
	if all.accounts, err = accounts(ctx, p, m, r); err != nil {
		return all, err
	}
	if err := r.BefriendAll(ctx, all.accounts, p.Circles, p.Reporters, p.Helpers); err != nil {
		return all, err
	}
	_, _ = fmt.Fprintf(progress, "%d accounts made, in %d circles of them %d people are trusted: %s\n", p.Accounts, p.Circles, p.Helpers, since(begun))
	begun = time.Now()
	err = fill(ctx, r, all, p.Inbox)
	_, _ = fmt.Fprintf(progress, "%d notifications in each of %d inboxes: %s\n", p.Inbox, p.Persons, since(begun))
	return all, err
}

// accounts are registered where the mix asks auth for them; else tokens do.
func accounts(ctx context.Context, p profile.Profile, m *people.Mint, r people.Registrar) ([]people.Account, error) {
	if !p.Minted {
		return r.Register(ctx, p.Accounts)
	}
	persons, err := people.Several(m.Person, p.Persons, p.Accounts)
	made := make([]people.Account, len(persons))
	for i, one := range persons {
		made[i].Person = one
	}
	return made, err
}

func fill(ctx context.Context, r people.Registrar, all population, each int) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(filling)
	sent := 0
	for range each {
		for first := 0; first < len(all.persons); first += batch {
			var to []string
			for _, p := range all.persons[first:min(first+batch, len(all.persons))] {
				to = append(to, p.ID)
			}
			admin := all.admins[sent%len(all.admins)]
			sent++
			work.Go(func() error { return r.Announce(ctx, admin, to) })
		}
	}
	return work.Wait()
}

// orders deals everybody out among the workers, in turn: those who share an
// address have one worker, as long as the number of addresses can be divided.
func orders(p profile.Profile, all population, server string, seed uint64) []worker.Order {
	made := make([]worker.Order, p.Workers)
	for i := range made {
		made[i] = worker.Order{
			Server: server, Mix: p.Mix, Seed: seed + uint64(i), Phases: arrivals.Share(p.Phases, p.Workers), InFlight: p.InFlight, Addresses: p.Addresses,
			Sockets: part(p.Sockets, i, p.Workers), ConnectRate: p.ConnectRate / float64(p.Workers),
			Persons: deal(all.persons, i, p.Workers), Admins: deal(all.admins, i, p.Workers),
		}
		if !p.Mix.Calls() {
			continue
		}
		made[i].Circles, made[i].Reporters, made[i].Helpers = part(p.Circles, i, p.Workers), p.Reporters, p.Helpers
		size := p.Reporters + p.Helpers
		members := p.Circles * size
		circles := slices.Collect(slices.Chunk(all.accounts[:members], size))
		made[i].Accounts = append(slices.Concat(deal(circles, i, p.Workers)...), deal(all.accounts[members:], i, p.Workers)...)
	}
	return made
}

// part of n for worker i: the same as deal gives of n things.
func part(n, i, workers int) int { return (n + workers - 1 - i) / workers }

func deal[T any](all []T, i, workers int) []T {
	var mine []T
	for n := i; n < len(all); n += workers {
		mine = append(mine, all[n])
	}
	return mine
}

func since(begun time.Time) time.Duration { return time.Since(begun).Round(10 * time.Millisecond) }
