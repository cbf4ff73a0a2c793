package notificationclient

import (
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/sos/internal/domain"
)

// kindConsent names the words in which somebody is asked to be a contact.
const kindConsent = "contact.consent"

// letter is a letter on the wire: what somebody on the app would be told, but
// for the place, which is behind the link and not in anybody's mail.
func letter(l domain.Letter) event.Notification {
	n := event.Notification{Category: category, Address: &event.Address{Channel: string(l.To.Channel), To: l.To.To, Locale: l.To.Locale}}
	switch {
	case l.Alert != nil:
		told := notification(*l.Alert)
		delete(told.Data, "location")
		n.EventID, n.Priority, n.Title, n.Body, n.Data, n.CreatedAt, n.Traceparent = told.EventID, told.Priority, told.Title, told.Body, told.Data, told.CreatedAt, told.Traceparent
	case l.Request != nil:
		n.EventID, n.Priority, n.CreatedAt = string(l.Request.ID), string(domain.Medium), l.Request.At
		n.Title, n.Body = l.Request.Words()
		n.Data = map[string]any{"kind": kindConsent, "ownerName": l.Request.Owner()}
	}
	if l.URL != "" {
		n.Data["url"] = l.URL
	}
	return n
}
