package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// nameLife is how long a name counts as current.
	nameLife = 24 * time.Hour
	// nameLimit is how long somebody who invites or accepts waits for a name.
	nameLimit = time.Second
	// nameWait is how long the answer to somebody's first call for help waits for
	// their name. The alarm is out by then; what comes later, the ticket bears.
	nameWait = 100 * time.Millisecond
	// nameQueue: what does not fit is asked for at the next occasion.
	nameQueue = 1024
)

// Names keeps the names of people at hand.
type Names struct {
	people    ports.People
	directory ports.Directory
	logger    *slog.Logger
	queue     chan domain.UserID
}

// NewNames makes it; Run does the work of Refresh.
func NewNames(people ports.People, directory ports.Directory, logger *slog.Logger) *Names {
	return &Names{people: people, directory: directory, logger: logger, queue: make(chan domain.UserID, nameQueue)}
}

// Refresh asks for a name soon, and never makes the caller wait.
func (n *Names) Refresh(id domain.UserID) {
	select {
	case n.queue <- id:
	default:
	}
}

// Soon gives the name if it can be had within nameWait, and else "" and sees to
// it that it is asked for.
func (n *Names) Soon(ctx context.Context, id domain.UserID) string {
	ctx, cancel := context.WithTimeout(ctx, nameWait)
	defer cancel()
	name := n.Ensure(ctx, id)
	if name == "" {
		n.Refresh(id)
	}
	return name
}

// Run asks for the queued names until ctx ends.
func (n *Names) Run(ctx context.Context) error {
	for {
		select {
		case id := <-n.queue:
			n.Ensure(ctx, id)
		case <-ctx.Done():
			return nil
		}
	}
}

// Ensure gives the name, asking the directory where it is not known or old.
// Where that does not answer, an old name is better than none; "" is none.
func (n *Names) Ensure(ctx context.Context, id domain.UserID) string {
	ctx, cancel := context.WithTimeout(ctx, nameLimit)
	defer cancel()
	known, found, err := n.people.Name(ctx, id)
	if err == nil && found && known.Age < nameLife {
		return known.Name
	}
	name, err := n.directory.Name(ctx, id)
	if errors.Is(err, ports.ErrUnknownPerson) {
		name, err = "", nil
	}
	if err == nil {
		err = n.people.Remember(ctx, id, name)
	} else {
		name = known.Name
	}
	if err != nil {
		n.logger.LogAttrs(ctx, slog.LevelInfo, "name not refreshed", slog.String("user_id", string(id)), slog.Any("error", err))
	}
	return name
}
