package portstest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Office is a post and the service behind it, whose behaviour the suite sets.
type Office struct {
	ports.Post
	// Fail makes the service unable to take anything, or able again.
	Fail func(failing bool)
	// Refuse makes the service refuse what is for the address.
	Refuse func(address string)
	// Close makes the channel one on which nothing can be sent; "" ends that.
	Close func(channel domain.AddressChannel)
	// Taken is how many different letters the service has.
	Taken func() int
}

// RunPost holds a post to its contract.
func RunPost(t *testing.T, open func(t *testing.T) Office) {
	t.Helper()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	alert := func(seq int, to domain.Mailbox) domain.Letter {
		return domain.Letter{To: to, URL: "https://love.example/track#t", Alert: &domain.Alert{
			TicketID: domain.TicketID("01900000-0000-7000-8000-000000000001"), Seq: seq, Recipient: "contact:x", Kind: domain.AlertTriggered, At: at,
		}}
	}
	request := domain.Letter{To: domain.Mailbox{Channel: domain.ByEmail, To: "ben@example.com"}, URL: "https://love.example/consent#t", Request: &domain.ConsentRequest{
		ID: domain.ConsentID("01900000-0000-7000-8000-000000000002"), OwnerName: "Ann", At: at,
	}}
	mum, joe := domain.Mailbox{Channel: domain.ByEmail, To: "mum@example.com"}, domain.Mailbox{Channel: domain.BySMS, To: "+4915112345678"}
	for name, test := range map[string]func(*testing.T, Office){
		"letters are taken, a repeat once": func(t *testing.T, o Office) {
			for range 2 {
				if unsent, err := o.Write(t.Context(), []domain.Letter{alert(2, mum), alert(2, joe), alert(3, mum), request}); err != nil || len(unsent) != 0 {
					t.Fatalf("unsent %v (%v)", unsent, err)
				}
			}
			if n := o.Taken(); n != 4 {
				t.Errorf("%d letters were taken", n)
			}
		},
		"those without a channel are named, the others taken": func(t *testing.T, o Office) {
			o.Close(domain.BySMS)
			letters := []domain.Letter{alert(2, joe), alert(2, mum), alert(3, joe), request}
			if unsent, err := o.Write(t.Context(), letters); err != nil || !slices.Equal(unsent, []int{0, 2}) || o.Taken() != 2 {
				t.Errorf("unsent %v (%v), %d taken", unsent, err, o.Taken())
			}
			o.Close("")
			if unsent, err := o.Write(t.Context(), letters); err != nil || len(unsent) != 0 || o.Taken() != 4 {
				t.Errorf("afterwards: unsent %v (%v), %d taken", unsent, err, o.Taken())
			}
		},
		"one that is refused is refused with its batch": func(t *testing.T, o Office) {
			o.Refuse(joe.To)
			_, err := o.Write(t.Context(), []domain.Letter{alert(2, mum), alert(2, joe)})
			mustFail(t, err, ports.ErrRefused)
			if n := o.Taken(); n != 0 {
				t.Errorf("%d letters were taken", n)
			}
		},
		"a failure is no refusal, and passes": func(t *testing.T, o Office) {
			o.Fail(true)
			if _, err := o.Write(t.Context(), []domain.Letter{request}); err == nil || errors.Is(err, ports.ErrRefused) {
				t.Errorf("got %v", err)
			}
			o.Fail(false)
			if _, err := o.Write(t.Context(), []domain.Letter{request}); err != nil || o.Taken() != 1 {
				t.Errorf("afterwards: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}
