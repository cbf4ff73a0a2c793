package notification_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/freeport"
	database "github.com/loveapp/backend/shared/postgres"
)

func TestTheServiceStartsBeforeItsDatabase(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := c.config()
	cfg.DatabasePort, cfg.NotificationServicePort = freeport.Reserve(t), freeport.Reserve(t)
	service, err := notification.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	i := &instance{cluster: c, URL: service.URL()}
	bearer := c.auth.token(newID(), newID())
	eventually.True(t, "it answers", func() bool {
		status, _ := i.do(http.MethodGet, "/health/live", "", nil)
		return status == http.StatusOK
	})
	for path, want := range map[string]int{
		"/health/ready": http.StatusServiceUnavailable, "/health": http.StatusServiceUnavailable,
		"/v1/notifications": http.StatusServiceUnavailable, "/v1/nothing": http.StatusNotFound,
	} {
		if status, answer := i.do(http.MethodGet, path, bearer, nil); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, answer, want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestMigrateMakesTheSchemaAndAServiceThatMayNotMigrateWorksOnIt(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := c.config()
	for range 2 {
		if err := notification.Migrate(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	cfg.MigrateOnStart = false
	cfg.NotificationServicePort = freeport.Reserve(t)
	i := c.run(cfg)
	i.notify(newID(), "medium")
	db, err := database.Open(t.Context(), c.database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if n, err := postgres.NewStore(db).Unread(t.Context(), "01890a5d-ac96-774b-bcce-b302099a8057"); err != nil || n != 0 {
		t.Errorf("unread %d, %v", n, err)
	}
}

func TestEveryMistakeInTheConfigurationIsNamed(t *testing.T) {
	t.Parallel()
	cfg := newCluster(t).config()
	cfg.InternalSecret, cfg.MaxSockets, cfg.MetricsPort, cfg.AuthServiceHost = "short", 1<<20, -1, ""
	cfg.SocketDrain = config.Duration(1 << 40)
	_, err := notification.New(t.Context(), cfg)
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, name := range []string{"INTERNAL_SECRET", "WS_MAX_CONNECTIONS", "METRICS_PORT", "AUTH_SERVICE_HOST", "WS_DRAIN"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "short") {
		t.Errorf("the secret is repeated: %v", err)
	}
}

func TestATakenPortIsOneClearSentence(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	i := c.start()
	cfg := c.config()
	addr, err := config.ParseHosts(strings.TrimPrefix(i.URL, "http://"), 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg.NotificationServicePort = addr[0].Port
	if _, err := notification.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("got %v", err)
	}
}
