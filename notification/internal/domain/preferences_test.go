package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func quiet(t *testing.T, from, to, zone string) *domain.QuietHours {
	t.Helper()
	q, wrong := domain.NewQuietHours(from, to, zone)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return q
}

func TestPreferencesAreJudgedByChannelCategoryAndHour(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	morning := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	p := domain.Preferences{
		Channels:   map[domain.Category]domain.ChannelSet{domain.Campaign: {Push: true}, domain.SOS: {}},
		QuietHours: quiet(t, "22:00", "06:00", "UTC"),
	}
	for name, c := range map[string]struct {
		p        domain.Preferences
		channel  domain.Channel
		category domain.Category
		priority domain.Priority
		at       time.Time
		want     domain.Ruling
	}{
		"who has said nothing gets all": {domain.Preferences{}, domain.SMS, domain.Campaign, domain.Low, night, domain.Ruling{Allowed: true}},
		"wanted by day":                 {p, domain.Push, domain.Campaign, domain.High, morning, domain.Ruling{Allowed: true}},
		"a category left out, by day":   {p, domain.SMS, domain.System, domain.Low, morning, domain.Ruling{Allowed: true}},
		"wanted, but it is night":       {p, domain.Push, domain.Campaign, domain.High, night, domain.Ruling{Until: morning}},
		"muted is never sent":           {p, domain.Email, domain.Campaign, domain.High, morning, domain.Ruling{}},
		"muted at night too":            {p, domain.Email, domain.Campaign, domain.High, night, domain.Ruling{}},
		"an unknown channel":            {domain.Preferences{Channels: p.Channels}, "fax", domain.Campaign, domain.Low, morning, domain.Ruling{}},
		"sos although it is muted":      {p, domain.Push, domain.SOS, domain.Low, morning, domain.Ruling{Allowed: true, Bypassed: true}},
		"critical although it is night": {p, domain.SMS, domain.System, domain.Critical, night, domain.Ruling{Allowed: true, Bypassed: true}},
		"critical although it is muted": {p, domain.SMS, domain.Campaign, domain.Critical, morning, domain.Ruling{Allowed: true, Bypassed: true}},
		"critical and nothing said":     {p, domain.SMS, domain.System, domain.Critical, morning, domain.Ruling{Allowed: true}},
		"sos and nothing said":          {domain.Preferences{}, domain.SMS, domain.SOS, domain.Low, night, domain.Ruling{Allowed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.p.Judge(c.channel, c.category, c.priority, c.at); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
