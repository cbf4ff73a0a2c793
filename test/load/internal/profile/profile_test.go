package profile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/profile"
)

func TestEveryProfileIsPossible(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"smoke", "full", "alarms", "alarms-answered", "alarms-burst", "artillery", "artillery-smoke"} {
		p, err := profile.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheFullLoadIsWhatIsPromised(t *testing.T) {
	t.Parallel()
	p, err := profile.Named("full")
	if err != nil {
		t.Fatal(err)
	}
	if p.Sockets != 20_000 || len(p.Phases) != 1 || p.Phases[0] != (arrivals.Phase{For: 5 * time.Minute, Rate: 5050}) {
		t.Errorf("full has %d sockets and %v, want 20,000 and 1 %% more than 5,000 requests a second for 5 minutes", p.Sockets, p.Phases)
	}
}

func TestMistakesAreReportedAllAtOnce(t *testing.T) {
	t.Parallel()
	p, err := profile.Named("full")
	if err != nil {
		t.Fatal(err)
	}
	p.Workers, p.Persons, p.Circles = 1, 10, 4000
	err = p.Validate()
	for _, want := range []string{"descriptors", "16000 sockets need as many persons", "an account for each of its members"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the mistakes are %v, want one about %q", err, want)
		}
	}
	if _, err := profile.Named("fulll"); err == nil || !strings.Contains(err.Error(), "alarms, alarms-answered, alarms-burst, artillery, artillery-smoke, full, smoke") {
		t.Errorf("an unknown profile is refused with %v, want the known ones named", err)
	}
}
