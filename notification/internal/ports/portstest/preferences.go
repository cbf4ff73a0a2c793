package portstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// Preferences tests an adapter of ports.Preferences.
func Preferences(t *testing.T, open func(*testing.T) ports.Preferences) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Preferences){
		"who has said nothing wants everything":       preferencesUnsaid,
		"preferences are read as they were put":       preferencesAsPut,
		"putting preferences replaces all of them":    preferencesReplaced,
		"preferences are looked up for many at once":  preferencesOfMany,
		"preferences that were forgotten are gone":    preferencesForgotten,
		"changing what was read or put stays outside": preferencesDetached,
	})
}

// spell writes preferences out, so that they can be compared.
func spell(p domain.Preferences) string {
	var parts []string
	for _, category := range slices.Sorted(maps.Keys(p.Channels)) {
		parts = append(parts, fmt.Sprintf("%s %+v", category, p.Channels[category]))
	}
	if q := p.QuietHours; q != nil {
		parts = append(parts, fmt.Sprintf("quiet %s-%s %s", q.From, q.To, q.Zone))
	}
	return strings.Join(parts, ", ")
}

func quietHours(t *testing.T, from, to, zone string) *domain.QuietHours {
	t.Helper()
	q, wrong := domain.NewQuietHours(from, to, zone)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return q
}

func prefer(t *testing.T, s ports.Preferences, user domain.UserID, p domain.Preferences) {
	t.Helper()
	if err := s.Put(t.Context(), user, p); err != nil {
		t.Fatalf("put: %v", err)
	}
}

func wantPreferences(t *testing.T, s ports.Preferences, user domain.UserID, want domain.Preferences) {
	t.Helper()
	got, err := s.Get(t.Context(), user)
	if err != nil || spell(got) != spell(want) {
		t.Errorf("preferences %q, %v; want %q", spell(got), err, spell(want))
	}
}

func preferencesUnsaid(t *testing.T, s ports.Preferences) {
	wantPreferences(t, s, newUser(), domain.Preferences{})
	if found, err := s.Of(t.Context(), []domain.UserID{newUser(), newUser()}); err != nil || len(found) != 0 {
		t.Errorf("found %v, %v", found, err)
	}
	if found, err := s.Of(t.Context(), nil); err != nil || len(found) != 0 {
		t.Errorf("of nobody: %v, %v", found, err)
	}
}

func preferencesAsPut(t *testing.T, s ports.Preferences) {
	ana := newUser()
	for _, p := range []domain.Preferences{
		{
			Channels:   map[domain.Category]domain.ChannelSet{domain.Campaign: {Push: true}, domain.System: {Email: true}, domain.General: {SMS: true}, domain.SOS: {}},
			QuietHours: quietHours(t, "22:00", "07:30", "America/Argentina/Buenos_Aires"),
		},
		{Channels: map[domain.Category]domain.ChannelSet{domain.Donation: domain.AllChannels()}},
		{QuietHours: quietHours(t, "00:00", "23:59", "Asia/Kathmandu")},
	} {
		prefer(t, s, ana, p)
		wantPreferences(t, s, ana, p)
	}
}

func preferencesReplaced(t *testing.T, s ports.Preferences) {
	ana, ben := newUser(), newUser()
	his := domain.Preferences{QuietHours: quietHours(t, "23:00", "06:00", "UTC")}
	prefer(t, s, ben, his)
	prefer(t, s, ana, domain.Preferences{Channels: map[domain.Category]domain.ChannelSet{domain.Campaign: {}}, QuietHours: his.QuietHours})
	prefer(t, s, ana, domain.Preferences{})
	wantPreferences(t, s, ana, domain.Preferences{})
	wantPreferences(t, s, ben, his)
}

func preferencesOfMany(t *testing.T, s ports.Preferences) {
	ana, ben, cleo := newUser(), newUser(), newUser()
	hers := domain.Preferences{Channels: map[domain.Category]domain.ChannelSet{domain.Campaign: {}}}
	his := domain.Preferences{QuietHours: quietHours(t, "22:00", "06:00", "Europe/Paris")}
	prefer(t, s, ana, hers)
	prefer(t, s, ben, his)
	found, err := s.Of(t.Context(), []domain.UserID{cleo, ben, ana, ben})
	if err != nil || len(found) != 2 || spell(found[ana]) != spell(hers) || spell(found[ben]) != spell(his) {
		t.Errorf("found %v, %v", found, err)
	}
}

func preferencesForgotten(t *testing.T, s ports.Preferences) {
	ana, ben := newUser(), newUser()
	p := domain.Preferences{Channels: map[domain.Category]domain.ChannelSet{domain.Campaign: {}}}
	prefer(t, s, ana, p)
	prefer(t, s, ben, p)
	for range 2 { // the second time there is nothing, and that is fine
		if err := s.Forget(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
	}
	wantPreferences(t, s, ana, domain.Preferences{})
	wantPreferences(t, s, ben, p)
}

func preferencesDetached(t *testing.T, s ports.Preferences) {
	ana := newUser()
	given := domain.Preferences{
		Channels: map[domain.Category]domain.ChannelSet{domain.Campaign: {}}, QuietHours: quietHours(t, "22:00", "06:00", "UTC"),
	}
	want := spell(given)
	prefer(t, s, ana, given)
	given.Channels[domain.Campaign], given.QuietHours.From = domain.AllChannels(), 0
	read, err := s.Get(t.Context(), ana)
	if err != nil || spell(read) != want {
		t.Fatalf("read %q, %v; want %q", spell(read), err, want)
	}
	read.Channels[domain.System], read.QuietHours.To = domain.ChannelSet{}, 0
	if again, err := s.Get(t.Context(), ana); err != nil || spell(again) != want {
		t.Errorf("read again %q, %v; want %q", spell(again), err, want)
	}
}
