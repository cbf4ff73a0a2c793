package topology_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
)

func TestEveryPortIsInItsBlockAndUsedOnce(t *testing.T) {
	t.Parallel()
	for _, cluster := range []bool{false, true} {
		plan, err := topology.New(t.TempDir(), "", topology.DefaultPortBase, topology.DefaultPort, cluster)
		if err != nil {
			t.Fatal(err)
		}
		const services, perService, databases, door = 11, 2, 3, 1
		redis := 1
		if cluster {
			redis = 12 // six nodes, each with a bus
		}
		ports := plan.Ports()
		if want := services*perService + databases + door + redis; len(ports) != want {
			t.Errorf("cluster %t: %d ports, want %d: two processes share one", cluster, len(ports), want)
		}
		for port, who := range ports {
			if block := port - plan.PortBase; who != "nginx" && (block < 0 || block >= topology.BlockSize) {
				t.Errorf("%s listens on %d, outside of its block", who, port)
			}
		}
	}
}

func TestTestsReserveBlocksOfTheSameSize(t *testing.T) {
	t.Parallel()
	if freeport.BlockSize != topology.BlockSize {
		t.Errorf("tests reserve %d ports for a stack of %d", freeport.BlockSize, topology.BlockSize)
	}
}

func TestSecretsAreMadeOnceAndKeptFromOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := topology.LoadSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := topology.LoadSecrets(dir)
	if err != nil || again != first || len(first.JWT.Value()) < 32 {
		t.Fatalf("not kept, or too short: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, "secrets.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secrets.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := topology.LoadSecrets(dir); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("a damaged file: %v", err)
	}
}

func TestOnlyAuthKnowsTheSigningSecretAndPoolsAddUpTo100(t *testing.T) {
	t.Setenv("RATE_LIMIT_SHORT", "off")
	t.Setenv("SOME_SECRET_OF_THE_SHELL", "x")
	plan, err := topology.New(t.TempDir(), "", topology.DefaultPortBase, topology.DefaultPort, false)
	if err != nil {
		t.Fatal(err)
	}
	plan.Secrets = topology.Secrets{JWT: "signing", Internal: "internal", Database: "d", Redis: "r"}
	for _, s := range plan.Services() {
		env := strings.Join(plan.Env(s), "\n")
		if strings.Contains(env, "signing") != (s.Kind == "auth") {
			t.Errorf("%s: JWT_SECRET belongs to auth alone", s.Name)
		}
		if !strings.Contains(env, "RATE_LIMIT_SHORT=off") || strings.Contains(env, "SOME_SECRET") {
			t.Errorf("%s gets the wrong settings of the shell", s.Name)
		}
		most := map[string]string{"auth": "50", "notification": "33", "sos": "50", "gateway": "1"}[s.Kind]
		if !strings.Contains(env, "DATABASE_POOL_MAX="+most+"\n") && !strings.HasSuffix(env, "DATABASE_POOL_MAX="+most) {
			t.Errorf("%s: not %s connections", s.Name, most)
		}
	}
}

func TestALinkedStackIsReachedThroughItsLinksOnly(t *testing.T) {
	t.Parallel()
	plan, err := topology.New(t.TempDir(), "", topology.DefaultPortBase, topology.DefaultPort, false)
	if err != nil {
		t.Fatal(err)
	}
	direct := plan.DatabaseAddr(0).Addr()
	plan.Linked = true
	taken, end := plan.Ports(), plan.PortBase+topology.BlockSize
	for _, peer := range plan.PeerLinks("notification") {
		if who := taken[peer.Port]; who != "" || peer.Port >= end {
			t.Errorf("the link to notification on %d has the port of %q, or of another block", peer.Port, who)
		}
	}
	for _, server := range []config.HostPort{plan.DatabaseAddr(0), plan.DatabaseAddr(1), plan.DatabaseAddr(2), plan.RedisAddr(0)} {
		link := plan.Link(server).Port
		if who := taken[link]; who != "" || link >= end {
			t.Errorf("the link to %s on %d has the port of %q, or of another block", server.Addr(), link, who)
		}
	}
	for _, s := range plan.Services() {
		env := strings.Join(plan.Env(s), "\n")
		if s.Kind == "sos" && !strings.Contains(env, "NOTIFICATION_SERVICE_HOST="+plan.PeerLinks("notification")[0].Addr()) {
			t.Errorf("%s goes past the link to notification", s.Name)
		}
		if strings.Contains(env, direct) || !strings.Contains(env, plan.Link(plan.DatabaseAddr(0)).Addr()) {
			t.Errorf("%s goes past the links", s.Name)
		}
	}
}
