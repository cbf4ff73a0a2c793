package process_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/test/world"
)

// installation is processes of auth and of the gateway on one PostgreSQL and one Redis.
type installation struct {
	t      *testing.T
	common []string
	auths  []string // addresses
}

func install(t *testing.T, auths int) *installation {
	t.Helper()
	servers := world.NewServers(t)
	db, cache := servers.Postgres, servers.Redis
	i := &installation{t: t, common: configured(
		fmt.Sprintf("DATABASE_HOST=%s", db.Hosts[0].Host), fmt.Sprintf("DATABASE_PORT=%d", db.Hosts[0].Port),
		"DATABASE_USERNAME="+db.Username, "DATABASE_PASSWORD="+db.Password.Value(), "DATABASE_NAME="+db.Name, "DATABASE_SSLMODE="+db.SSLMode,
		fmt.Sprintf("REDIS_HOST=%s", cache.Addrs[0].Host), fmt.Sprintf("REDIS_PORT=%d", cache.Addrs[0].Port), "REDIS_PASSWORD="+cache.Password.Value(),
		"LOG_LEVEL=error",
	)}
	for range auths {
		i.auths = append(i.auths, fmt.Sprintf("127.0.0.1:%d", freeport.Reserve(t)))
	}
	nobody := fmt.Sprintf("127.0.0.1:%d", freeport.Reserve(t))
	i.common = append(i.common, "AUTH_SERVICE_HOST="+strings.Join(i.auths, ","), "NOTIFICATION_SERVICE_HOST="+nobody, "SOS_SERVICE_HOST="+nobody)
	return i
}

// one is a running process of an installation.
type one struct {
	*installation
	service, addr string
	child         *process.Child
}

// auth starts a copy; it listens where the others look for it.
func (i *installation) auth(n int, settings ...string) *one {
	i.t.Helper()
	o := &one{installation: i, service: "auth", addr: i.auths[n]}
	o.again(settings...)
	return o
}

func (i *installation) gateway() *one {
	i.t.Helper()
	o := &one{installation: i, service: "gateway", addr: fmt.Sprintf("127.0.0.1:%d", freeport.Reserve(i.t))}
	o.again()
	return o
}

func (o *one) url() string { return "http://" + o.addr }

// again stops the process as a roll-out does, and starts it with other settings.
func (o *one) again(settings ...string) {
	o.t.Helper()
	o.end()
	port := o.addr[strings.LastIndex(o.addr, ":")+1:]
	// What a gateway keeps of the keys is its own.
	own := []string{"AUTH_SERVICE_PORT=" + port, "PORT=" + port, "DATA_DIR=" + filepath.Join(o.t.TempDir(), "data")}
	cmd := command(context.WithoutCancel(o.t.Context()), o.service, append(append(o.common, own...), settings...))
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	if err != nil {
		o.t.Fatal(err)
	}
	o.child = child
	o.t.Cleanup(func() { _ = child.Stop(context.Background(), patience, syscall.SIGTERM) })
	o.ready()
}

func (o *one) end() {
	o.t.Helper()
	if o.child == nil {
		return
	}
	if err := o.child.Stop(context.Background(), patience, syscall.SIGTERM); err != nil {
		o.t.Errorf("%s ends with %v", o.service, err)
	}
}

// ready waits until the process answers that it has started.
func (o *one) ready() {
	o.t.Helper()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		r, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.url()+"/health/ready", http.NoBody)
		if err != nil {
			o.t.Fatal(err)
		}
		if answer, err := client.Do(r); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if o.child.Gone() || time.Now().After(deadline) {
			o.t.Fatalf("%s does not get ready (it has ended: %t)", o.service, o.child.Gone())
		}
	}
}

// signedBy is the head of a token, which names its key.
func signedBy(p *world.Person) string {
	head, _, _ := strings.Cut(p.Tokens.AccessToken, ".")
	return head
}

// As SECURITY.md has it: the next secret is published, then it signs, and the one
// before is known on; each copy is rolled out by itself.
func TestTheSecretIsRotatedOverTwoCopiesOfAuthAndNobodyIsSignedOut(t *testing.T) {
	t.Parallel()
	const first, second = "JWT_SECRET=" + otherSecret, goodSecret + goodSecret
	i := install(t, 2)
	copies := []*one{i.auth(0, first), i.auth(1, first)}
	ada := world.At(t, copies[0].url()).Register("Ada")
	drawer := ada.OnAnotherDevice() // is not opened until all is over
	everywhere := func(p *world.Person, others ...*one) {
		t.Helper()
		for _, o := range append(others, copies...) {
			p.Through(o.url()).Profile().Want(http.StatusOK)
		}
	}

	for _, c := range copies {
		c.again(first, "JWT_SECRET_NEXT="+second)
		everywhere(ada)
	}
	// A gateway asks for the keys at its first token, and anew after ten minutes:
	// whichever has asked by now knows both.
	gate := i.gateway()
	everywhere(ada, gate)

	old := *ada
	rolled := []string{"JWT_SECRET=" + second, "JWT_SECRET_PREVIOUS=" + otherSecret}
	copies[0].again(rolled...)
	ada.Renew()
	if signedBy(ada) == signedBy(&old) {
		t.Error("the first copy still signs by the first secret")
	}
	everywhere(ada, gate)
	ada = ada.Through(copies[1].url()) // which has the settings before
	ada.Renew()
	everywhere(ada, gate)
	copies[1].again(rolled...)
	ada.Renew()
	everywhere(ada, gate)
	everywhere(&old, gate)
	drawer.Renew()
	everywhere(drawer, gate)

	// Nobody is there to give the gateway a key now: it has had the new one before.
	copies[0].end()
	copies[1].end()
	for _, p := range []*world.Person{&old, ada, drawer} {
		inbox := world.Call{Method: http.MethodGet, Path: "/v1/notifications"}
		if answer := p.Through(gate.url()).Do(inbox); answer.Status == http.StatusUnauthorized {
			t.Errorf("the gateway refuses a token: %s", answer.Body)
		}
	}
	forged := old
	forged.Tokens.AccessToken = signedBy(&old) + ada.Tokens.AccessToken[strings.Index(ada.Tokens.AccessToken, "."):]
	forged.Through(gate.url()).Do(world.Call{Method: http.MethodGet, Path: "/v1/notifications"}).Refused(http.StatusUnauthorized, "unauthenticated")
}
