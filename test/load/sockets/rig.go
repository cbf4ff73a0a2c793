package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

const secret = program.Secret

// rig is what the instances stand on: PostgreSQL, Redis, and an auth that
// publishes its keys and has revoked nothing.
type rig struct {
	t        world.T
	servers  world.Servers
	auth     net.Addr
	program  func() *exec.Cmd // that an instance is
	services *servicetoken.Keys
	run      string
}

func newRig(t world.T) *rig {
	t.Helper()
	services, err := servicetoken.New(servicetoken.Config{Secret: secret})
	if err != nil {
		t.Fatalf("sign for services: %v", err)
	}
	path := program.Build(t, "notification")
	built := func() *exec.Cmd { return exec.Command(path) } //nolint:noctx // stopped by its signal
	return &rig{t: t, servers: world.NewServers(t), auth: publishKeys(t, nil), program: built, services: services, run: people.NewRun()}
}

// publishKeys is an auth. Who asks it for people is answered by lookup, where there is one.
func publishKeys(t world.T, lookup http.HandlerFunc) net.Addr {
	t.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		t.Fatalf("sign tokens: %v", err)
	}
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatalf("publish keys: %v", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/jwks.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(signer.JWKS()) })
	mux.HandleFunc("/internal/revocations", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"revision":0,"items":[],"complete":true}`)
	})
	if lookup != nil {
		mux.HandleFunc("POST /internal/users/lookup", lookup)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-served })
	return l.Addr()
}

// instance is one process of the service.
type instance struct {
	*rig
	addr, admin string
	pid         int
	child       *process.Child
}

// start has settings beside those of the rig, or instead of them.
func (r *rig) start(settings ...string) *instance {
	r.t.Helper()
	port, admin := strconv.Itoa(freeport.Reserve(r.t)), strconv.Itoa(freeport.Reserve(r.t))
	auth, authPort, _ := strings.Cut(r.auth.String(), ":")
	cmd := r.program()
	cmd.Env = append(append(cmd.Environ(), r.servers.Env()...), "DATABASE_POOL_MAX=20",
		"AUTH_SERVICE_HOST="+auth, "AUTH_SERVICE_PORT="+authPort, "SOS_SERVICE_HOST="+auth, "SOS_SERVICE_PORT="+authPort,
		"INTERNAL_SECRET="+secret.Value(), "LISTEN_HOST=127.0.0.1", "NOTIFICATION_SERVICE_PORT="+port, "METRICS_PORT="+admin,
		"WS_MAX_CONNECTIONS="+strconv.Itoa(mostSockets), "WS_DRAIN=1s", "LOG_LEVEL=error", "DATA_DIR=/nonexistent", "JWT_EXPIRES_IN=2h")
	cmd.Env = append(cmd.Env, settings...) // the last one of a name counts
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	child := program.Start(r.t, cmd)
	i := &instance{rig: r, addr: "127.0.0.1:" + port, admin: "127.0.0.1:" + admin, pid: child.PID(), child: child}
	program.Await(r.t, "notification", "http://"+i.addr+"/health/ready")
	return i
}

// post sends what another service would.
func (i *instance) post(path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	bearer, err := i.services.Sign(servicetoken.SOS, servicetoken.Notification)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, "http://"+i.addr+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := posting.Do(req)
	if err != nil {
		return err
	}
	answer, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s %s", path, res.Status, answer)
	}
	return nil
}

// call asks as a client does.
func (i *instance) call(method, path, bearer string, body any) ([]byte, error) {
	var reader io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = strings.NewReader(string(text))
	}
	req, err := http.NewRequestWithContext(i.t.Context(), method, "http://"+i.addr+path, reader)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := posting.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s %s", method, path, res.Status, answer)
	}
	return answer, err
}

// newest is the id of what somebody was told last.
func (i *instance) newest(bearer string) (string, error) {
	answer, err := i.call(http.MethodGet, "/v1/notifications?limit=1", bearer, nil)
	if err != nil {
		return "", err
	}
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(answer, &page); err != nil {
		return "", err
	}
	if len(page.Items) != 1 {
		return "", fmt.Errorf("%d items in an inbox", len(page.Items))
	}
	return page.Items[0].ID, nil
}

var posting = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}

// helper is another process of this program.
type helper struct {
	t     world.T
	child *process.Child
	in    io.WriteCloser
	out   *json.Decoder
}

func startHelper(t world.T, name string) *helper {
	t.Helper()
	cmd := program.Self(t, name)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	cmd.Stdout = write
	t.Cleanup(func() { _ = read.Close() }) // after the child has ended
	child := program.Start(t, cmd)
	_ = write.Close()
	t.Cleanup(func() { _ = in.Close() }) // before it is told to
	return &helper{t: t, child: child, in: in, out: json.NewDecoder(read)}
}

// do has the clients carry out an order.
func (h *helper) do(o order) report {
	h.t.Helper()
	if err := json.NewEncoder(h.in).Encode(o); err != nil {
		h.t.Fatalf("order %s: %v", o.Do, err)
	}
	var r report
	if err := h.out.Decode(&r); err != nil {
		h.t.Fatalf("wait for %s: %v", o.Do, err)
	}
	if r.Error != "" {
		h.t.Fatalf("%s: %s", o.Do, r.Error)
	}
	return r
}

// all is do where every socket has to succeed.
func (h *helper) all(o order, count int) report {
	h.t.Helper()
	r := h.do(o)
	if r.Count != count {
		h.t.Fatalf("%s: %d of %d, %v", o.Do, r.Count, count, r.Faults)
	}
	return r
}

func (i *instance) openOrder(count int, room string) order {
	return order{Do: "open", Server: i.addr, Count: count, Room: room, Key: secret.Value(), Run: i.run}
}
