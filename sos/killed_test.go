package sos_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/shared/process"
)

// TestACallForHelpSurvivesKillAtEveryPoint kills a copy of the service exactly
// there, and lets the app do what it does: send the same key again.
func TestACallForHelpSurvivesKillAtEveryPoint(t *testing.T) {
	t.Parallel()
	program := buildDeadly(t)
	for _, point := range failpoint.Names() {
		t.Run(string(point), func(t *testing.T) {
			t.Parallel()
			w := worldFor(t, point)
			first := w.ready()
			w.person(first, "Ann").trusts(w.person(first, "Mum"), "Mum")
			first.stop()

			dying := w.spawn(program, point)
			status := 0
			w.eventually("it dies of a press", func() bool { // one that a slow machine refuses does not get there
				status = w.pressOnce(dying.url, body(point))
				return dying.gone()
			})
			if state := dying.await(t); state.Signal() != syscall.SIGKILL {
				t.Fatalf("it ended with %v, and answered %d", state, status)
			}

			second := w.ready()
			ann := w.person(second, "Ann")
			var last answer
			w.eventually("the same key is taken", func() bool {
				last = ann.trigger("k", body(point))
				return last.status == http.StatusCreated
			})
			w.oneAlarm(t, ann, last.str("ticket", "id"))
		})
	}
}

// oneAlarm: whatever was tried how often, there is one ticket, and Mum is shown one alarm.
func (w *world) oneAlarm(t *testing.T, ann person, ticket string) {
	t.Helper()
	if tickets := ann.get("/v1/sos/tickets").is(http.StatusOK).items("items"); len(tickets) != 1 || tickets[0]["id"] != ticket {
		t.Errorf("tickets: %v", tickets)
	}
	w.inbox.await(1)
	w.eventually("nothing is left to be sent", func() bool {
		var waiting int
		err := w.admin.QueryRow(`SELECT (SELECT count(*) FROM sos.outbox WHERE fate IS NULL) + (SELECT count(*) FROM sos.timers WHERE kind = 'countdown')`).Scan(&waiting)
		return err == nil && waiting == 0
	})
	if alarms := w.inbox.taken(); len(alarms) != 1 || alarms[0].UserIDs[0] != "Mum" || alarms[0].Data["kind"] != "sos.triggered" || alarms[0].Data["ticketId"] != ticket {
		t.Errorf("alarms: %+v", alarms)
	}
}

// worldFor has a standby where it is about its word.
func worldFor(t *testing.T, point failpoint.Name) *world {
	t.Helper()
	if strings.HasPrefix(string(point), "confirm.") {
		w, _, i := newReplicatedWorld(t)
		i.stop()
		return w
	}
	return newWorld(t)
}

// body has a countdown where it is about timers.
func body(point failpoint.Name) string {
	if strings.HasPrefix(string(point), "timer.") {
		return `{"countdownSeconds":1}`
	}
	return `{}`
}

// pressOnce is a phone that may get no answer: 0.
func (w *world) pressOnce(url, sent string) int {
	w.tb.Helper()
	req, err := http.NewRequestWithContext(w.tb.Context(), http.MethodPost, url+"/v1/sos/tickets", strings.NewReader(sent))
	if err != nil {
		w.tb.Fatal(err)
	}
	req.Header.Set("Authorization", w.person(&instance{}, "Ann").proof)
	req.Header.Set("Idempotency-Key", "k")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func buildDeadly(t testing.TB) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "sos")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "failpoints", "-o", program, "./cmd/sos").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// copyOf is a copy of the service in a process of its own.
type copyOf struct {
	url   string
	child *process.Child
	cmd   *exec.Cmd
}

// spawn starts a copy that will be killed at the point, and waits until it serves.
func (w *world) spawn(program string, point failpoint.Name) *copyOf {
	w.tb.Helper()
	return w.launch(program, failpoint.Variable+"="+string(point)+":1")
}

// launch starts a copy, with these settings beside the world's, and waits until it serves.
func (w *world) launch(program string, settings ...string) *copyOf {
	w.tb.Helper()
	cmd := exec.Command(program, "serve")
	cmd.Env = append(w.environment(), settings...)
	cmd.Stderr = os.Stderr
	lines, out := io.Pipe()
	cmd.Stdout = out
	child, err := process.Start(cmd)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.tb.Cleanup(func() {
		_ = child.Stop(context.Background(), time.Second, syscall.SIGKILL)
		_ = lines.Close()
	})
	return &copyOf{url: w.started(lines), child: child, cmd: cmd}
}

// started reads the log until the copy says where it serves, and goes on reading it.
func (w *world) started(log io.Reader) string {
	w.tb.Helper()
	urls := make(chan string, 1)
	go func() {
		for scanner := bufio.NewScanner(log); scanner.Scan(); {
			var line struct{ Msg, URL string }
			if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Msg == "started" {
				urls <- line.URL
			}
		}
	}()
	select {
	case url := <-urls:
		return url
	case <-time.After(30 * time.Second):
		w.tb.Fatal("the copy does not start within thirty seconds")
		return ""
	}
}

func (c *copyOf) gone() bool {
	select {
	case <-c.child.Ended():
		return true
	default:
		return false
	}
}

// await gives how the process ended.
func (c *copyOf) await(t *testing.T) syscall.WaitStatus {
	t.Helper()
	select {
	case <-c.child.Ended():
	case <-time.After(30 * time.Second):
		t.Fatal("it still runs after thirty seconds")
	}
	state, _ := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return state
}

// environment is the world's configuration as a process is given it.
func (w *world) environment() []string {
	c := w.config
	return append(os.Environ(),
		"DATABASE_HOST="+c.DatabaseHost, fmt.Sprint("DATABASE_PORT=", c.DatabasePort), "DATABASE_USERNAME="+c.DatabaseUsername,
		"DATABASE_PASSWORD="+c.DatabasePassword.Value(), "DATABASE_NAME="+c.DatabaseName, "DATABASE_SSLMODE=disable", "DATABASE_POOL_MAX=10",
		"REDIS_HOST=127.0.0.1", "REDIS_PORT=1", "INTERNAL_SECRET="+c.InternalSecret.Value(),
		"AUTH_SERVICE_HOST="+c.AuthServiceHost, "NOTIFICATION_SERVICE_HOST="+c.NotificationServiceHost,
		"SOS_SERVICE_PORT=0", "METRICS_PORT=0", "LISTEN_HOST=127.0.0.1", "PUBLIC_URL="+c.PublicURL, "DATA_DIR="+w.tb.TempDir(),
	)
}
