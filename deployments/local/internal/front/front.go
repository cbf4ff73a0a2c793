// Package front runs the services of this repository and nginx before them.
package front

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/process"
)

const (
	serviceGrace = 30 * time.Second // above their own drain
	nginxGrace   = 5 * time.Second
)

// Service is the unit of one process. What more gives at each of its starts is
// added to its environment.
func Service(plan *topology.Plan, s topology.Service, logger *slog.Logger, more func() []string) (*unit.Unit, error) {
	return unit.New(unit.Spec{
		Name: s.Name, Log: plan.Log(s.Name), Logger: logger,
		Command: func() *exec.Cmd {
			cmd := exec.Command(plan.Binary(s.Kind), "serve") //nolint:gosec // our own program
			cmd.Dir, cmd.Env = plan.Work(s.Name), append(plan.Env(s), more()...)
			process.AsOurselves().Apply(cmd, syscall.SIGKILL)
			return cmd
		},
		Healthy: ready("http://" + s.Addr.Addr()),
		Stop:    []syscall.Signal{syscall.SIGTERM}, Grace: serviceGrace,
	})
}

// Nginx is the unit of the door. Prepare its folder first.
func Nginx(plan *topology.Plan, logger *slog.Logger) (*unit.Unit, error) {
	return unit.New(unit.Spec{
		Name: "nginx", Log: plan.Log("nginx"), Logger: logger,
		Command: func() *exec.Cmd { return nginx(plan) },
		Healthy: ready(plan.URL()),
		Stop:    []syscall.Signal{syscall.SIGQUIT, syscall.SIGTERM}, Grace: nginxGrace,
	})
}

// nginx runs as the user that started the stack: its folder is that user's alone.
func nginx(plan *topology.Plan, more ...string) *exec.Cmd {
	dir := plan.Work("nginx")
	globals := "daemon off; pid " + dir + "/nginx.pid; error_log " + plan.Log("nginx-error") + " warn;"
	if os.Geteuid() == 0 {
		globals += " user root;"
	}
	cmd := exec.Command("nginx", append([]string{"-p", dir, "-c", dir + "/nginx.conf", "-e", plan.Log("nginx-error"), "-g", globals}, more...)...) //nolint:gosec // our own paths
	cmd.Dir = dir
	process.AsOurselves().Apply(cmd, syscall.SIGKILL)
	return cmd
}

// PrepareNginx gives nginx the repository's nginx.conf with this stack's includes.
func PrepareNginx(plan *topology.Plan) error {
	dir := plan.Work("nginx")
	includes := filepath.Join(dir, "deployments", "nginx")
	if err := errors.Join(os.RemoveAll(includes), os.MkdirAll(includes, 0o700)); err != nil {
		return fmt.Errorf("make nginx's folder: %w", err)
	}
	conf, err := os.ReadFile(filepath.Join(plan.Root, "nginx.conf"))
	if err != nil {
		return fmt.Errorf("read nginx.conf: run the stack in the repository's folder: %w", err)
	}
	if err := os.CopyFS(includes, os.DirFS(filepath.Join(plan.Root, "deployments", "nginx"))); err != nil {
		return fmt.Errorf("copy nginx's includes: %w", err)
	}
	for path, text := range map[string]string{
		filepath.Join(dir, "nginx.conf"):         string(conf),
		filepath.Join(includes, "upstream.conf"): upstream(plan),
		filepath.Join(includes, "listen.conf"): fmt.Sprintf("listen 127.0.0.1:%d reuseport backlog=4096;\naccess_log %s json buffer=64k flush=1s;\n",
			plan.Port, plan.Log("nginx-access")),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return fmt.Errorf("write nginx's settings: %w", err)
		}
	}
	return nil
}

func upstream(plan *topology.Plan) string {
	var text strings.Builder
	text.WriteString("upstream gateway {\n    zone gateway 256k;\n    least_conn;\n")
	for _, addr := range plan.Of("gateway") {
		fmt.Fprintf(&text, "    server %s max_fails=2 fail_timeout=1s;\n", addr.Addr())
	}
	text.WriteString("    keepalive 64;\n}\n")
	return text.String()
}

// ready asks what balancers ask.
func ready(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health/ready", http.NoBody)
		if err != nil {
			return err
		}
		req.Close = true // a health check leaves no connection behind
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s/health/ready answers %d", url, res.StatusCode)
		}
		return nil
	}
}
