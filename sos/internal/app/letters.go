package app

import (
	"context"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Letters makes what is written to contacts without the app: an alert, and the
// link by which they see where help is needed and say that they know. Each has a
// link of their own to each ticket, the same in every letter about it.
type Letters struct {
	Shares ports.Shares
	Links  *Links
	NameID func(namespace, name string) string
}

// For gives a letter for each of the deliveries, in their order.
func (l Letters) For(ctx context.Context, deliveries []ports.Delivery) ([]domain.Letter, error) {
	letters := make([]domain.Letter, len(deliveries))
	links, of := make([]ports.NewShare, 0, len(deliveries)), make([]domain.ShareID, len(deliveries))
	for i := range deliveries {
		one := &deliveries[i]
		alert := one.Alert
		alert.Trace = one.Trace
		letters[i] = domain.Letter{To: one.To, Alert: &alert}
		of[i] = domain.ShareID(l.NameID(string(one.Alert.TicketID), "link of "+string(one.Alert.Recipient)))
		links = append(links, ports.NewShare{Share: domain.ContactShare(of[i], one.Alert, one.Name), Token: ports.ShareToken(hashOf(l.Links.shares.token(string(of[i]))))})
	}
	kept, err := l.Shares.KeepLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	urls := make(map[domain.ShareID]string, len(kept))
	for _, link := range kept {
		if link.Share.RevokedAt == nil { // whoever has ended the link did not mean to send another
			urls[link.Share.ID] = l.Links.trackURL(link)
		}
	}
	for i, id := range of {
		letters[i].URL = urls[id]
	}
	return letters, nil
}
