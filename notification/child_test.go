package notification_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/metrics"
	program "github.com/loveapp/backend/shared/process"
)

// childEnv tells this binary that it is to be an instance; listenerFD is the
// socket that it then inherits.
const (
	childEnv   = "NOTIFICATION_TEST_CHILD"
	listenerFD = 3
)

// serveChild is an instance in a process of its own, as the environment has it.
// A push service may be on this machine.
func serveChild() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, err := notification.LoadConfig()
	if err != nil {
		return err
	}
	if c.Listener, err = net.FileListener(os.NewFile(listenerFD, "listener")); err != nil {
		return err
	}
	c.PrivatePush, c.Logger, c.Metrics, c.Version = true, slog.New(slog.DiscardHandler), metrics.New("notification"), "test"
	service, err := notification.New(ctx, c)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}

// child is an instance that can be killed.
type child struct {
	*instance
	process *program.Child
}

// spawn starts an instance in a process of its own, with settings beside the
// cluster's, that asks an auth of its own.
func (c *cluster) spawn(a *auth, settings ...string) *child {
	c.tb.Helper()
	listener, err := httpserver.Listen(c.tb.Context(), "127.0.0.1", 0)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	direct, isTCP := listener.(*net.TCPListener)
	if !isTCP {
		c.tb.Fatalf("a listener is a %T", listener)
	}
	file, err := direct.File()
	if err != nil {
		c.tb.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	self, err := os.Executable()
	if err != nil {
		c.tb.Fatal(err)
	}
	cmd := exec.Command(self) //nolint:gosec // itself
	cmd.Env = append(append(os.Environ(), c.environment(a)...), settings...)
	cmd.Stderr, cmd.ExtraFiles, cmd.SysProcAttr = os.Stderr, []*os.File{file}, program.OwnGroup(syscall.SIGKILL)
	started, err := program.Start(cmd)
	if err != nil {
		c.tb.Fatal(err)
	}
	one := &child{instance: &instance{cluster: c, URL: "http://" + listener.Addr().String()}, process: started}
	c.tb.Cleanup(one.kill)
	eventually.True(c.tb, "the child is ready", func() bool {
		status, _ := one.do(http.MethodGet, "/health/ready", "", nil)
		return status == http.StatusOK || started.Gone()
	})
	return one
}

// kill is kill -9, and waits until it is gone.
func (c *child) kill() { _ = c.process.Stop(context.Background(), 0) } // its error says that it was killed

func (c *cluster) environment(a *auth) []string {
	db, redis := c.database, c.redis.Addr()
	return []string{
		childEnv + "=1", "INTERNAL_SECRET=" + secret.Value(), "LISTEN_HOST=127.0.0.1", "DATA_DIR=/nonexistent",
		"DATABASE_HOST=" + db.Hosts[0].Host, "DATABASE_PORT=" + strconv.Itoa(db.Hosts[0].Port), "DATABASE_USERNAME=" + db.Username,
		"DATABASE_PASSWORD=" + db.Password.Value(), "DATABASE_NAME=" + db.Name, "DATABASE_SSLMODE=disable", "DATABASE_POOL_MAX=10",
		"REDIS_HOST=" + redis.Host, "REDIS_PORT=" + strconv.Itoa(redis.Port), "REDIS_PASSWORD=" + c.redis.Password().Value(),
		"AUTH_SERVICE_HOST=" + a.addr.Host, "AUTH_SERVICE_PORT=" + strconv.Itoa(a.addr.Port),
		"SOS_SERVICE_HOST=" + a.addr.Host, "SOS_SERVICE_PORT=" + strconv.Itoa(a.addr.Port),
	}
}
