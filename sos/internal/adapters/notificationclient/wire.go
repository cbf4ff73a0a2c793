package notificationclient

import (
	"strconv"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/internal/domain"
)

const category = "sos"

// ordinary is what nobody is in danger for: preferences and quiet hours count.
const ordinary = "system"

func categoryOf(k domain.AlertKind) string {
	if k == domain.AlertInvited {
		return ordinary
	}
	return category
}

// notification is the alert on the wire. Its id follows from the event, so that
// however often it is sent it is one notification to each recipient.
func notification(a domain.Alert) event.Notification {
	title, body := a.Words()
	var channels []string
	for _, c := range a.Channels {
		channels = append(channels, string(c))
	}
	return event.Notification{
		EventID: idgen.V5(string(a.TicketID), strconv.Itoa(a.Seq)), UserIDs: []string{string(a.Recipient)}, Category: categoryOf(a.Kind),
		Priority: string(a.Priority()), Title: title, Body: body, Data: data(a), CreatedAt: a.At,
		Channels: channels, Traceparent: a.Trace,
	}
}

func data(a domain.Alert) map[string]any {
	if a.Kind == domain.AlertTest { // there is no ticket
		return map[string]any{"kind": string(a.Kind), "reporterName": a.Reporter(), "test": true}
	}
	if a.Kind == domain.AlertInvited {
		return map[string]any{"kind": string(a.Kind), "reporterName": a.Reporter()}
	}
	d := map[string]any{
		"kind": string(a.Kind), "ticketId": string(a.TicketID), "reporterName": a.Reporter(), "emergencyType": string(a.Type),
	}
	if a.Location != nil {
		d["location"] = fix(a.Location)
	}
	if a.ToReporter {
		d["toReporter"] = true
	}
	if a.Drill {
		d["drill"] = true
	}
	if a.Level > 0 {
		d["escalationLevel"] = a.Level
	}
	if a.Kind != domain.AlertTriggered && a.ByName != "" {
		d["byName"] = a.ByName
	}
	return d
}

type locationFix struct {
	Latitude   float64    `json:"latitude"`
	Longitude  float64    `json:"longitude"`
	Accuracy   *float64   `json:"accuracy,omitempty"`
	CapturedAt *timestamp `json:"capturedAt,omitempty"`
}

func fix(l *domain.Location) locationFix {
	return locationFix{l.Latitude, l.Longitude, l.Accuracy, (*timestamp)(l.CapturedAt)}
}
