package process_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/test/world"
)

func TestTheCommandsOfTheBannerWork(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	a := h.start(t)
	if !strings.Contains(a.banner, h.url()) || !strings.Contains(a.banner, "Demo account") {
		t.Errorf("the banner names no URL %s or no demo account:\n%s", h.url(), a.banner)
	}
	var script []string
	for line := range strings.Lines(a.banner) {
		if strings.Contains(line, "curl ") {
			script = append(script, line)
		}
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-euc", strings.Join(script, "")).CombinedOutput()
	if err != nil {
		t.Fatalf("the commands end with %v:\n%s", err, out)
	}
	for _, part := range []string{`"drill":true`, `"status":"pending"`, `"uptimeSeconds":`} {
		if !strings.Contains(string(out), part) {
			t.Errorf("the answers lack %s:\n%s", part, out)
		}
	}
	awaitHealthy(t, h.url())
	a.stop()

	second := h.start(t) // the demo account stays as it is
	if demoLine(a.banner) == "" || demoLine(second.banner) != demoLine(a.banner) {
		t.Errorf("after a restart the demo account is %q, was %q", demoLine(second.banner), demoLine(a.banner))
	}
	second.stop()
}

// awaitHealthy: the services find one another in the first moments.
func awaitHealthy(t *testing.T, url string) {
	t.Helper()
	visitor := world.At(t, url)
	var health struct{ Status string }
	for deadline := time.Now().Add(patience); health.Status != "ok"; <-time.After(50 * time.Millisecond) {
		answer := visitor.Do(world.Call{Method: http.MethodGet, Path: "/health"})
		answer.Into(&health)
		if time.Now().After(deadline) {
			t.Fatalf("after %s its health is %s", patience, answer.Body)
		}
	}
}

func demoLine(banner string) string {
	for line := range strings.Lines(banner) {
		if strings.Contains(line, "Demo account") {
			return line
		}
	}
	return ""
}

func TestWhatItKeepsIsForItsUserOnly(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(t).stop()
	for _, name := range []string{"secrets.json", "demo.json", "postgres/password"} {
		info, err := os.Stat(filepath.Join(h.dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, info.Mode().Perm())
		}
	}
}

// ways are how the program may come to its end.
func ways() map[string]func(*app) {
	return map[string]func(*app){
		"after Ctrl-C":  (*app).stop,
		"after SIGTERM": func(a *app) { a.t.Helper(); a.signal(syscall.SIGTERM); wantCode(a.t, a.wait(), 0) },
		"after kill -9": (*app).kill,
	}
}

func wantCode(t *testing.T, state *os.ProcessState, code int) {
	t.Helper()
	if state.ExitCode() != code {
		t.Errorf("the program ends with %s, want %d", state, code)
	}
}

func TestEverythingSurvivesTheEnd(t *testing.T) {
	t.Parallel()
	for name, end := range ways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			first := h.start(t)
			ada, bob := world.At(t, h.url()).Register("Ada"), world.At(t, h.url()).Register("Bob")
			ada.Trusts(bob)
			phone := bob.Connect()
			heard := ada.CallForHelp(world.Alarm{EmergencyType: "medical"}).Ticket
			seen := phone.ExpectNotification(world.Patience, "sos.triggered", heard.ID).Seq
			ada.Command(heard.ID, "cancel", nil).Want(http.StatusOK)
			phone.Close()
			key := world.NewKey()
			var unheard, again world.Triggered
			ada.Trigger(key, world.Alarm{EmergencyType: "fire"}).Want(http.StatusCreated).Into(&unheard)
			end(first) // between the 201 and the delivery, or just after it

			second := h.start(t)
			ada.Login().Want(http.StatusOK)
			ada.Trigger(key, world.Alarm{EmergencyType: "fire"}).Want(http.StatusCreated).Into(&again)
			if again.Ticket.ID != unheard.Ticket.ID {
				t.Errorf("the same key makes ticket %s, want %s", again.Ticket.ID, unheard.Ticket.ID)
			}
			bob.Look(heard.ID).Want(http.StatusOK)
			bob.Renew()
			missed := bob.Connect().CatchUp(seen, seen+2)
			if len(missed) != 2 || missed[1].TicketID() != unheard.Ticket.ID {
				t.Errorf("Bob missed %+v, want how the first alarm ended and the second alarm", missed)
			}
			if inbox := bob.Inbox(); len(inbox.Items) != 3 {
				t.Errorf("Bob's inbox has %d entries, want 3", len(inbox.Items))
			}
			second.stop()
			wantNothingRunning(t, h.dir)
		})
	}
}

func TestKillingItLeavesNoServerBehind(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	a := h.start(t)
	if len(working(t, h.dir)) == 0 {
		t.Fatal("no process is seen to work on the data folder: this test would see no orphan either")
	}
	a.kill()
	wantNothingRunning(t, h.dir)
}

func TestASecondCtrlCQuitsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	a := h.start(t)
	a.signal(syscall.SIGINT)
	a.signal(syscall.SIGINT)
	if code := a.wait().ExitCode(); code != 0 && code != 128+int(syscall.SIGINT) {
		t.Errorf("the program ends with %d, want 130, or 0 where it was quicker", code)
	}
	wantNothingRunning(t, h.dir)
}
