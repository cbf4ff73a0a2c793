package portstest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
)

// Client is a socket to test, and what its client sees.
type Client struct {
	ports.Socket
	// Stall makes the client read nothing until Flow is called.
	Stall, Flow func()
	// Seqs gives the seqs of the notifications that have arrived, in order.
	Seqs func() []domain.Seq
	// Closed gives why the client was told that the connection is over; 0 while it is not.
	Closed func() domain.CloseReason
	// Fill sends so much that, stalled, some of it waits.
	Fill func()
}

// Socket tests an adapter of ports.Socket.
func Socket(t *testing.T, open func(*testing.T) Client) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, Client){
		"messages arrive in the order in which they were sent":      socketOrder,
		"what is urgent overtakes what waits":                       socketUrgent,
		"it is drained once nothing waits":                          socketDrains,
		"after it was closed nothing is sent, and why is told once": socketCloses,
	})
}

func notified(seq domain.Seq, urgent bool) *ports.Outgoing {
	return &ports.Outgoing{Message: domain.Notified{Notification: domain.Notification{Seq: seq, Data: []byte(`{}`)}}, Urgent: urgent}
}

func wantArrived(t *testing.T, c Client, want ...domain.Seq) {
	t.Helper()
	eventually.True(t, "everything arrives", func() bool { return len(c.Seqs()) >= len(want) })
	if diff := cmp.Diff(want, c.Seqs()); diff != "" {
		t.Errorf("arrived (-want +got):\n%s", diff)
	}
}

func socketOrder(t *testing.T, c Client) {
	var want []domain.Seq
	for seq := domain.Seq(1); seq <= 20; seq++ {
		c.Send(notified(seq, false))
		want = append(want, seq)
	}
	wantArrived(t, c, want...)
}

func socketUrgent(t *testing.T, c Client) {
	c.Stall()
	c.Fill()
	c.Send(notified(1, false))
	c.Send(notified(2, false))
	c.Send(notified(3, true))
	c.Send(notified(4, true))
	c.Flow()
	wantArrived(t, c, 3, 4, 1, 2)
}

func socketDrains(t *testing.T, c Client) {
	if err := c.Drained(t.Context()); err != nil {
		t.Errorf("nothing waits: %v", err)
	}
	c.Stall()
	c.Fill()
	c.Send(notified(1, false))
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := c.Drained(short); err == nil {
		t.Error("it is drained although its client reads nothing")
	}
	drained := make(chan error, 1)
	go func() { drained <- c.Drained(t.Context()) }()
	c.Flow()
	if err := receive(t, "it is drained", drained); err != nil {
		t.Error(err)
	}
}

func socketCloses(t *testing.T, c Client) {
	c.Send(notified(1, false))
	c.Close(domain.Replaced)
	c.Close(domain.SessionEnded)
	c.Send(notified(2, false))
	eventually.True(t, "the client is told", func() bool { return c.Closed() != 0 })
	if got := c.Closed(); got != domain.Replaced {
		t.Errorf("closed for %d, want %d", got, domain.Replaced)
	}
	wantArrived(t, c, 1)
	if err := c.Drained(t.Context()); err == nil {
		t.Error("a closed socket is drained")
	}
}
