package fleet_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/test/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// phones is few for every day; `make test-fleet` sets it to 10,000.
func phones(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("FLEET_PHONES"))
	if err != nil {
		return 100
	}
	return n
}

func TestNoHonestPhoneIsSignedOutAndEveryTheftIsCaught(t *testing.T) {
	t.Parallel()
	store := authtest.NewStore()
	copies := []*authtest.Auth{authtest.Start(t, authtest.Options{Store: store}), authtest.Start(t, authtest.Options{Store: store})}
	plan, began := fleet.Plan{Phones: phones(t), Life: 400 * 24 * time.Hour, Seed: 7}, time.Now()
	got, err := fleet.Live(plan, copies)
	t.Logf("%d refreshes, %d answers lost, %d honest phones signed out, %d of %d thefts caught", got.Refreshes, got.Lost, got.SignedOut, got.Caught, got.Stolen)
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for _, kind := range copies[0].Events() {
		if kind == "session.theft_detected" {
			noticed++
		}
	}
	if got.SignedOut > 0 || got.Lost == 0 || got.Stolen == 0 || got.Caught != got.Stolen || noticed != got.Stolen {
		t.Errorf("%+v, %d in the record", got, noticed)
	}
	keep(t, got.Markdown(plan, len(copies), noticed, time.Since(began)))
}

// keep writes the report where `make test-fleet` wants one.
func keep(t *testing.T, report string) {
	t.Helper()
	if file := os.Getenv("FLEET_REPORT"); file != "" {
		if err := os.WriteFile(file, []byte(report), 0o600); err != nil {
			t.Error(err)
		}
	}
}
