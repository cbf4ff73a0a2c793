package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/idgen"
)

// givePhone has the user reachable by push.
func givePhone(t *testing.T, s Queues, user domain.UserID) {
	t.Helper()
	now := time.Now()
	_, err := s.Devices.Register(t.Context(), domain.Device{
		ID: domain.DeviceID(idgen.NewV7()), User: user, Session: domain.SessionID(idgen.NewV7()), Installation: "phone",
		Provider: domain.FCM, Token: idgen.NewV7(), CreatedAt: now, RefreshedAt: now,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// plannedWhereReachable: what could not be sent anyway is not even planned, unless
// it is urgent, and looked into when it is due.
func plannedWhereReachable(t *testing.T, s Queues) {
	all := []domain.Channel{domain.Push, domain.SMS, domain.Email}
	for name, c := range map[string]struct {
		priority domain.Priority
		steps    []domain.Channel
		phone    bool
		prefers  *domain.ChannelSet
		named    []string
		want     int
	}{
		"nothing to be reached by":           {priority: domain.High, steps: all},
		"a device":                           {priority: domain.High, steps: all, phone: true, want: 1},
		"a device, and no push":              {priority: domain.High, steps: all[1:], phone: true},
		"mail that was asked for":            {priority: domain.Low, steps: all, prefers: &domain.ChannelSet{Email: true}, want: 1},
		"mail that was asked for, and none":  {priority: domain.Low, steps: all[:2], prefers: &domain.ChannelSet{Email: true}},
		"texts that were switched off":       {priority: domain.Low, steps: all, prefers: &domain.ChannelSet{Push: true}},
		"mail that the sender chose":         {priority: domain.Low, steps: all[2:], named: []string{"email"}, want: 1},
		"a push that the sender chose":       {priority: domain.Low, steps: all[:1], named: []string{"push"}},
		"something urgent, nothing known":    {priority: domain.Critical, steps: all, want: 1},
		"mail asked for in another category": {priority: domain.Low, steps: all, prefers: nil},
	} {
		user := newUser()
		if c.phone {
			givePhone(t, s, user)
		}
		set := map[domain.Category]domain.ChannelSet{domain.System: domain.AllChannels()}
		if c.prefers != nil {
			set[domain.General] = *c.prefers
		}
		if err := s.Preferences.Put(t.Context(), user, domain.Preferences{Channels: set}); err != nil {
			t.Fatal(err)
		}
		e := followed(user, c.priority, c.steps...)
		e.Draft.Channels = c.named
		if _, err := s.Insert(t.Context(), []domain.Entry{e}); err != nil {
			t.Fatal(err)
		}
		claim, err := s.ClaimHops(t.Context(), c.priority == domain.Critical, everything)
		if err != nil || len(claim.Plans) != c.want {
			t.Errorf("%s: %d plans, want %d (%v)", name, len(claim.Plans), c.want, err)
		}
	}
}
