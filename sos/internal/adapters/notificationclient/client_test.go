package notificationclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/sos/internal/adapters/notificationclient"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// intake is a notification service as far as its intake goes.
type intake struct {
	mu       sync.Mutex
	taken    map[string]event.Notification // by event and user
	status   int                           // to answer with; 0 = as it should
	refuse   string
	closed   string // the channel by which nothing can be sent
	requests int
	bearer   string

	hangs atomic.Bool
}

func (i *intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if i.hangs.Load() {
		<-r.Context().Done()
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.requests++
	i.bearer = r.Header.Get("Authorization")
	var batch event.Notifications
	switch {
	case r.URL.Path == "/health/ready":
	case err != nil || json.Unmarshal(body, &batch) != nil || r.Method != http.MethodPost || r.URL.Path != "/internal/notifications":
		w.WriteHeader(http.StatusBadRequest)
	case i.status != 0:
		w.WriteHeader(i.status)
	case slices.ContainsFunc(batch.Items, func(n event.Notification) bool { return recipient(n) == i.refuse }):
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"code":"validation_failed","detail":"quotes what was sent"}`))
	default:
		var accepted event.Accepted
		for at, n := range batch.Items {
			if n.Address != nil && n.Address.Channel == i.closed {
				accepted.NoChannel = append(accepted.NoChannel, at)
				continue
			}
			i.taken[n.EventID+recipient(n)] = n
		}
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(accepted)
	}
}

func recipient(n event.Notification) string {
	if n.Address != nil {
		return n.Address.To
	}
	return n.UserIDs[0]
}

func (i *intake) set(change func(*intake)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(i)
}

func (i *intake) count() (taken, requests int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.taken), i.requests
}

func serve(t *testing.T) (*intake, string) {
	t.Helper()
	listener, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	i := &intake{taken: map[string]event.Notification{}}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: i, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	return i, server.URL
}

func client(t *testing.T, urls ...string) *notificationclient.Client {
	t.Helper()
	c, err := notificationclient.New(notificationclient.Config{URLs: urls, Token: func() (string, error) { return "proof", nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

const nowhere = "http://127.0.0.1:1"

func alarm() []domain.Alert {
	accuracy, at := 8.0, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	return []domain.Alert{{
		TicketID: "01900000-0000-7000-8000-000000000001", Seq: 2, Recipient: "mum", Kind: domain.AlertTriggered, At: at, ReporterName: "Ann", ByName: "Ann",
		Type: domain.Medical, Location: &domain.Location{Latitude: 1, Longitude: 2, Accuracy: &accuracy}, Drill: true,
	}}
}

func TestTheClientKeepsTheContract(t *testing.T) {
	t.Parallel()
	portstest.RunNotifier(t, func(t *testing.T) portstest.Receiver {
		i, url := serve(t)
		return portstest.Receiver{
			Notifier: client(t, url),
			Fail: func(failing bool) {
				i.set(func(i *intake) { i.status = map[bool]int{true: http.StatusInternalServerError}[failing] })
			},
			Refuse: func(recipient domain.UserID) { i.set(func(i *intake) { i.refuse = string(recipient) }) },
			Taken:  func() int { n, _ := i.count(); return n },
		}
	})
}

func TestAnAlarmOnTheWire(t *testing.T) {
	t.Parallel()
	i, url := serve(t)
	if err := client(t, url+"/").Notify(t.Context(), alarm()); err != nil {
		t.Fatal(err)
	}
	for _, got := range i.taken {
		want := event.Notification{
			EventID: got.EventID, UserIDs: []string{"mum"}, Category: "sos", Priority: "critical", Title: "Drill: Ann needs help",
			Body: "Medical emergency. Open the app to see where, and say that you know.", CreatedAt: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
			Data: map[string]any{
				"kind": "sos.triggered", "ticketId": "01900000-0000-7000-8000-000000000001", "reporterName": "Ann", "emergencyType": "medical",
				"location": map[string]any{"latitude": 1.0, "longitude": 2.0, "accuracy": 8.0}, "drill": true,
			},
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got.EventID) != 36 || i.bearer != "Bearer proof" {
			t.Errorf("with %q, event %q:\n%s", i.bearer, got.EventID, diff)
		}
	}
}

func TestOnlyAnAnswerAboutTheContentIsARefusal(t *testing.T) {
	t.Parallel()
	for status, refused := range map[int]bool{
		200: false, 202: false, 400: true, 413: true, 422: true,
		301: false, 401: false, 403: false, 404: false, 408: false, 429: false, 500: false, 502: false, 503: false,
	} {
		i, url := serve(t)
		i.set(func(i *intake) { i.status = status })
		err := client(t, url).Notify(t.Context(), alarm())
		if errors.Is(err, ports.ErrRefused) != refused || (err == nil) != (status/100 == 2) {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestACopyThatIsDownIsPassedOver(t *testing.T) {
	t.Parallel()
	i, url := serve(t)
	c := client(t, nowhere, url, nowhere)
	for range 30 {
		if err := c.Notify(t.Context(), alarm()); err != nil {
			t.Fatal(err)
		}
	}
	if _, requests := i.count(); requests != 30 {
		t.Errorf("%d requests", requests)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := client(t, nowhere).Ping(t.Context()); err == nil {
		t.Error("nobody is there, and yet the service is well")
	}
}

func TestACopyThatFailsIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	i, url := serve(t)
	i.set(func(i *intake) { i.status = http.StatusServiceUnavailable })
	c := client(t, url)
	for range 100 {
		if err := c.Notify(t.Context(), alarm()); err == nil || errors.Is(err, ports.ErrRefused) {
			t.Fatalf("got %v", err)
		}
	}
	if _, requests := i.count(); requests >= 100 {
		t.Errorf("%d requests to a copy that fails", requests)
	}
	i.set(func(i *intake) { i.status = 0 })
	eventually.True(t, "a copy that works again is used", func() bool { return c.Notify(t.Context(), alarm()) == nil })
}

func TestACopyThatHangsDoesNotUseUpTheTimeOfTheOthers(t *testing.T) {
	t.Parallel()
	slow, slowURL := serve(t)
	slow.hangs.Store(true)
	_, url := serve(t)
	c := client(t, slowURL, url)
	for range 2 { // one of the two begins with the one that hangs
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		if err := c.Notify(ctx, alarm()); err != nil {
			t.Error(err)
		}
		cancel()
	}
}

func TestAClientNeedsEverything(t *testing.T) {
	t.Parallel()
	if _, err := notificationclient.New(notificationclient.Config{}); err == nil {
		t.Error("made of nothing")
	}
}
