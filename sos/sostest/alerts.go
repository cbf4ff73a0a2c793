package sostest

import (
	"fmt"

	"github.com/loveapp/backend/sos/internal/domain"
)

// Alert is what somebody was told.
type Alert struct {
	TicketID     string
	Seq          int
	Recipient    string
	Kind         string
	Priority     string
	Title        string
	Body         string
	ReporterName string
	Drill        bool
	HasLocation  bool
	Level        int
	Channels     []string
}

// Alerts are those that have been handed over so far, in order.
func (s *SOS) Alerts() []Alert {
	var alerts []Alert
	for _, a := range s.notifier.Taken() {
		alerts = append(alerts, alertOf(a))
	}
	return alerts
}

func alertOf(a domain.Alert) Alert {
	title, body := a.Words()
	var channels []string
	for _, c := range a.Channels {
		channels = append(channels, string(c))
	}
	return Alert{
		TicketID: string(a.TicketID), Seq: a.Seq, Recipient: string(a.Recipient), Kind: string(a.Kind), Priority: string(a.Priority()),
		Title: title, Body: body, ReporterName: a.Reporter(), Drill: a.Drill, HasLocation: a.Location != nil,
		Level: a.Level, Channels: channels,
	}
}

// AwaitAlerts waits until n alerts have been handed over, and gives them.
func (s *SOS) AwaitAlerts(n int) []Alert {
	s.tb.Helper()
	return awaited(s, fmt.Sprintf("%d alerts", n), n, s.Alerts)
}

// FailAlerts makes every hand-over fail; nil ends that.
func (s *SOS) FailAlerts(err error) { s.notifier.Fail(err) }
