package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/auth/internal/domain"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// at is a session whose fifth token was given out at noon.
func at() domain.Session {
	s := domain.Opening{ID: "s", UserID: "u", Device: "d", Salt: []byte("salt")}.Open(noon.Add(-day))
	return s.Advanced(5, domain.Origin{}, noon)
}

func TestTheVerdictOnARefreshToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		generation int64
		ownDevice  bool
		after      time.Duration
		want       domain.Verdict
		give       int64
	}{
		"the newest advances":                         {5, true, 0, domain.Advance, 6},
		"the newest needs no device token":            {5, false, 0, domain.Advance, 6},
		"the newest advances after a year":            {5, true, 399 * day, domain.Advance, 6},
		"one ahead of the database advances":          {7, true, 0, domain.Advance, 8},
		"one ahead needs no device token":             {7, false, 0, domain.Advance, 8},
		"the parent repeats":                          {4, true, 0, domain.Repeat, 5},
		"the parent repeats after a year":             {4, true, 399 * day, domain.Repeat, 5},
		"the parent without the device is stolen":     {4, false, 0, domain.Stolen, 0},
		"its parent repeats its own child for 30 s":   {3, true, 30 * time.Second, domain.Repeat, 4},
		"its parent after 30 s is stolen":             {3, true, 30*time.Second + time.Millisecond, domain.Stolen, 0},
		"its parent without the device is stolen":     {3, false, 0, domain.Stolen, 0},
		"anything older is stolen":                    {2, true, 0, domain.Stolen, 0},
		"the newest is over after 400 days":           {5, true, 400 * day, domain.Over, 0},
		"an old one of a session that is over is old": {1, false, 400 * day, domain.Over, 0},
	} {
		verdict, give := at().Judge(c.generation, c.ownDevice, domain.RoleUser, noon.Add(c.after))
		if verdict != c.want || give != c.give {
			t.Errorf("%s: got %d giving %d, want %d giving %d", name, verdict, give, c.want, c.give)
		}
	}
}

func TestAnEndedSessionIsOver(t *testing.T) {
	t.Parallel()
	s := at()
	s.EndedAt = noon
	for generation := range int64(8) {
		if verdict, _ := s.Judge(generation, true, domain.RoleUser, noon); verdict != domain.Over {
			t.Errorf("generation %d: %d", generation, verdict)
		}
	}
}

func TestHowLongASessionLivesFollowsFromTheRole(t *testing.T) {
	t.Parallel()
	opened := domain.Opening{ID: "s", UserID: "u"}.Open(noon)
	used := func(after time.Duration) domain.Session { return opened.Advanced(2, domain.Origin{}, noon.Add(after)) }
	for name, c := range map[string]struct {
		role  domain.Role
		s     domain.Session
		after time.Duration
		want  bool
	}{
		"a user's in a drawer":                   {domain.RoleUser, opened, 400*day - 1, true},
		"a user's in a drawer for too long":      {domain.RoleUser, opened, 400 * day, false},
		"a volunteer's of ten years, still used": {domain.RoleVolunteer, used(3650 * day), 3651 * day, true},
		"an administrator's over lunch":          {domain.RoleAdmin, opened, 12*time.Hour - 1, true},
		"an administrator's over night":          {domain.RoleAdmin, opened, 12 * time.Hour, false},
		"an administrator's of a month":          {domain.RoleSuperAdmin, used(30*day - time.Hour), 30*day - 1, true},
		"an administrator's of over a month":     {domain.RoleSuperAdmin, used(30*day - time.Hour), 30 * day, false},
	} {
		if got := c.s.LiveFor(c.role, noon.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// server is what the database and the rule do together.
type server struct{ session domain.Session }

// refresh gives the generation of the answer, 0 where the session was ended.
func (s *server) refresh(generation int64, device domain.DeviceID, now time.Time) int64 {
	verdict, give := s.session.Judge(generation, device == s.session.Device, domain.RoleUser, now)
	switch verdict {
	case domain.Advance:
		next := s.session.Advanced(give, domain.Origin{}, now)
		if device != s.session.Device {
			next = next.Rebound("new")
		}
		s.session = next
		return give
	case domain.Repeat:
		s.session, _ = s.session.Touched(now)
		return give
	default:
		s.session.EndedAt = now
		return 0
	}
}

// TestAnHonestPhoneIsNeverSignedOut: whatever answers it loses, however long it
// lies in a drawer, and even when a failover forgets what was just committed.
func TestAnHonestPhoneIsNeverSignedOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &server{domain.Opening{ID: "s", UserID: "u", Device: "phone", Salt: []byte("salt")}.Open(noon)}
		held, now, used := int64(1), noon, noon // used: the last refresh that the database remembers
		for range rapid.IntRange(1, 60).Draw(t, "refreshes") {
			longest := 390*day - now.Sub(used) // 400 days unused do end a session
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(longest)).Draw(t, "pause")))
			replica, replicaUsed := s.session, used
			got := s.refresh(held, "phone", now)
			if got == 0 {
				t.Fatalf("signed out with generation %d of %d", held, replica.Generation)
			}
			if rapid.IntRange(0, 19).Draw(t, "lost") > 0 {
				held = got
			}
			if rapid.IntRange(0, 29).Draw(t, "failover") == 0 {
				s.session, used = replica, replicaUsed // the last commit was not copied
			} else {
				used = now
			}
		}
	})
}

// TestAThiefOfARefreshTokenAloneIsFound as soon as both have used it, whoever comes first.
func TestAThiefOfARefreshTokenAloneIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &server{domain.Opening{ID: "s", UserID: "u", Device: "phone", Salt: []byte("salt")}.Open(noon)}
		now := noon
		later := func() time.Time {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(30*day)).Draw(t, "pause")))
			return now
		}
		held := int64(1)
		for range rapid.IntRange(0, 5).Draw(t, "before") {
			held = s.refresh(held, "phone", later())
		}
		stolen := held
		thiefs := domain.DeviceID("none")
		if rapid.Bool().Draw(t, "the phone is first") {
			s.refresh(held, "phone", later())
			if s.refresh(stolen, thiefs, later()) != 0 {
				t.Fatal("the thief was served")
			}
			return
		}
		for range rapid.IntRange(1, 5).Draw(t, "of the thief") {
			stolen = s.refresh(stolen, thiefs, later())
			thiefs = s.session.Device // what the answer brought
		}
		if s.refresh(held, "phone", later()) != 0 {
			t.Fatal("two live on")
		}
	})
}
