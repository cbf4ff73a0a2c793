package webpush_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/notification/internal/adapters/webpush"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/notification/internal/providertest"
	"github.com/loveapp/backend/shared/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, private bool, limit time.Duration) *webpush.Sender {
	t.Helper()
	public, key, err := webpush.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	s, err := webpush.New(webpush.Config{PublicKey: public, PrivateKey: key, Subject: "mailto:ops@example.org", Private: private, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func to(s domain.Subscription) domain.Target {
	return domain.Target{Channel: domain.Push, Provider: domain.WebPush, Subscription: s}
}

func TestSender(t *testing.T) {
	t.Parallel()
	portstest.RunSender(t, func(t *testing.T) portstest.Station {
		t.Helper()
		server := providertest.NewWebPush(t)
		return portstest.Station{
			Sender: open(t, true, providertest.Patience), Hasty: open(t, true, providertest.Haste), Target: to(server.Subscription),
			Can: []portstest.Outcome{
				portstest.Throttles, portstest.Fails, portstest.Refuses, portstest.Forgets, portstest.Distrusts,
				portstest.HangsUp, portstest.Hangs, portstest.Babbles, portstest.Floods, portstest.Redirects,
			},
			Behave: server.Behave, Seen: server.Seen, Shown: server.Shown, Pause: providertest.Pause, Secret: server.Subscription.Endpoint,
		}
	})
}

func TestABrowserGetsWhatItsAppNeeds(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		parcel       domain.Parcel
		urgency      string
		shortest     time.Duration
		longest      time.Duration
		topic        string
		digestsTopic bool
	}{
		"an alarm": {
			parcel:  domain.Parcel{Category: domain.SOS, Priority: domain.Critical, CollapseKey: "alarm-1"},
			urgency: "high", shortest: 24 * time.Hour, longest: 24 * time.Hour, topic: "alarm-1",
		},
		"news":          {parcel: domain.Parcel{Category: domain.General, Priority: domain.Low}, urgency: "low", shortest: 28 * 24 * time.Hour, longest: 28 * 24 * time.Hour},
		"one that ends": {parcel: domain.Parcel{Category: domain.SOS, Priority: domain.Medium, ExpiresAt: &soon}, urgency: "normal", shortest: time.Minute, longest: time.Hour},
		"a long key": {
			parcel:  domain.Parcel{Category: domain.SOS, Priority: domain.High, CollapseKey: strings.Repeat("key ", 20)},
			urgency: "high", shortest: 24 * time.Hour, longest: 24 * time.Hour, digestsTopic: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := providertest.NewWebPush(t)
			p := c.parcel
			p.To, p.Notification, p.Seq, p.Kind, p.TicketID, p.Title, p.Text = to(server.Subscription), "n-1", 7, "sos.triggered", "t-1", "Help", "Come."
			handed, err := open(t, true, providertest.Patience).Send(t.Context(), p)
			if err != nil || handed.ProviderID == "" {
				t.Fatalf("%+v, %v (%v)", handed, err, server.Doubt())
			}
			got := server.Pushes()[0]
			m := got.Message
			if m.NotificationID != "n-1" || m.Seq != 7 || m.Kind != "sos.triggered" || m.TicketID != "t-1" || m.Category != string(p.Category) || m.Title != "Help" || m.Body != "Come." {
				t.Errorf("it got %+v", m)
			}
			seconds, _ := strconv.Atoi(got.Header.Get("TTL"))
			if ttl := time.Duration(seconds) * time.Second; ttl < c.shortest || ttl > c.longest || got.Header.Get("Urgency") != c.urgency {
				t.Errorf("TTL %s, urgency %s", ttl, got.Header.Get("Urgency"))
			}
			if topic := got.Header.Get("Topic"); c.digestsTopic && len(topic) != 32 || !c.digestsTopic && topic != c.topic {
				t.Errorf("topic %q", topic)
			}
		})
	}
}

func TestATextOfAnyLengthFits(t *testing.T) {
	t.Parallel()
	server := providertest.NewWebPush(t)
	s := open(t, true, providertest.Patience)
	for _, text := range []string{strings.Repeat("🆘", 4000), strings.Repeat(`"`, 4000), strings.Repeat("\u2028", 4000), strings.Repeat("\n", 9000)} {
		_, err := s.Send(t.Context(), domain.Parcel{
			To: to(server.Subscription), Category: domain.SOS, Kind: strings.Repeat("\x01", 5000), TicketID: strings.Repeat("t", 5000), Title: text, Text: text,
		})
		if err != nil {
			t.Fatalf("%v (%v)", err, server.Doubt())
		}
	}
	for _, got := range server.Pushes() {
		if got.Size > 3993 || !utf8.ValidString(got.Message.Body) || got.Message.Title == "" {
			t.Errorf("%d bytes", got.Size)
		}
	}
}

func kindOf(err error) domain.SendErrorKind {
	if told, ok := errors.AsType[*domain.SendError](err); ok {
		return told.Kind
	}
	return ""
}

func TestASubscriptionIsNoWayIntoOurOwnNetwork(t *testing.T) {
	t.Parallel()
	server := providertest.NewWebPush(t)
	_, err := open(t, false, providertest.Patience).Send(t.Context(), domain.Parcel{To: to(server.Subscription), Title: "t"})
	if kindOf(err) != domain.Gone || len(server.Pushes()) != 0 {
		t.Errorf("%v, %d arrived", err, len(server.Pushes()))
	}
}

func TestStatusesMeanWhatTheStandardsSay(t *testing.T) {
	t.Parallel()
	target := providertest.NewWebPush(t).Subscription
	for status, want := range map[int]domain.SendErrorKind{
		http.StatusNotFound: domain.Gone, http.StatusBadRequest: domain.Rejected, http.StatusUnauthorized: domain.Misconfigured,
		http.StatusInternalServerError: domain.Unreachable, http.StatusRequestTimeout: domain.Unreachable,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		subscription := target
		subscription.Endpoint = server.URL
		if _, err := open(t, true, providertest.Patience).Send(t.Context(), domain.Parcel{To: to(subscription), Title: "t"}); kindOf(err) != want {
			t.Errorf("%d: %v, want %s", status, err, want)
		}
	}
}

func TestKeysAndSubjectHaveToBeUsable(t *testing.T) {
	t.Parallel()
	public, private, err := webpush.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	other, _, _ := webpush.NewKeys()
	for name, c := range map[string]struct {
		public, subject string
		private         config.Secret
		good            bool
	}{
		"a pair and an address":   {public, "ops@example.org", private, true},
		"a mailto":                {public, "mailto:ops@example.org", private, true},
		"a page":                  {public, "https://example.org/contact", private, true},
		"two of different pairs":  {other, "ops@example.org", private, false},
		"no private key":          {public, "ops@example.org", "", false},
		"a private key of zeroes": {public, "ops@example.org", config.Secret(strings.Repeat("A", 43)), false},
		"nobody":                  {public, "", private, false},
		"a name without address":  {public, "Ops", private, false},
	} {
		err := webpush.Check(c.public, c.private, c.subject)
		if (err == nil) != c.good || err != nil && c.private != "" && strings.Contains(err.Error(), c.private.Value()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
