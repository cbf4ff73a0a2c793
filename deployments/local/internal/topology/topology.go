// Package topology says what the local stack consists of: which processes, on
// which ports, and with which settings.
package topology

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/config"
)

// How many there are of each: what 20,000 connected people need, with one of
// each to lose.
const (
	Gateways      = 4
	Auths         = 2
	Notifications = 3
	SOSs          = 2
	Databases     = 3 // a primary and two replicas
	RedisNodes    = 6 // three masters with a replica each
)

// The ports of a stack stand in one block, all below 32768 where outgoing
// connections begin. The default block is the one that no test uses: theirs are
// 13200 to 15999, single ports 10240 to 12399 (shared/freeport) and 20000 up.
const (
	DefaultPortBase = 13000
	DefaultPort     = 8080
	BlockSize       = 200
	highestPort     = 32767

	authOffset         = 10
	notificationOffset = 20
	sosOffset          = 30
	databaseOffset     = 40
	redisOffset        = 50
	redisBusOffset     = 60
	doorOffset         = 80
	metricsOffset      = 100
	linkOffset         = 100 // from a server's port to the link's
	peerOffset         = 140 // from a service's port to that of the link between services
)

const loopback = "127.0.0.1"

// Plan is one stack.
type Plan struct {
	Dir      string // absolute; holds data, logs, secrets and the control socket
	Root     string // of the repository: programs in .bin, nginx.conf
	PortBase int
	Port     int // nginx
	Cluster  bool
	// Linked: services reach PostgreSQL and Redis, and sos reaches notification,
	// through links that whoever starts the stack provides, so as to spoil them.
	Linked bool
	// Synchronous: a barrier waits until a standby has the commit. Off, commits
	// are on one machine only, and services say so.
	Synchronous bool
	Secrets     Secrets
}

// New plans a stack; port 0 puts nginx into the block.
func New(dir, root string, portBase, port int, cluster bool) (*Plan, error) {
	var mistakes config.Mistakes
	if portBase < 1024 || portBase+BlockSize > highestPort {
		mistakes.Add("the port base must be from 1024 to %d", highestPort-BlockSize)
	}
	if port == 0 {
		port = portBase + doorOffset
	}
	if port < 1 || port > highestPort {
		mistakes.Add("the port must be from 1 to %d", highestPort)
	}
	absolute, err := filepath.Abs(dir)
	mistakes.AddErr(err)
	const longestSocket = 107 // sun_path, unix(7)
	if len(absolute)+len("/control.sock") > longestSocket {
		mistakes.Add("the folder %s has too long a name for a socket in it: choose a shorter one", absolute)
	}
	return &Plan{Dir: absolute, Root: root, PortBase: portBase, Port: port, Cluster: cluster, Synchronous: true}, mistakes.Err()
}

// Work is the folder that a process runs in. Nothing else runs there, so it
// also tells whose process one is.
func (p *Plan) Work(name string) string { return filepath.Join(p.Dir, "run", name) }

// Log is where a process writes.
func (p *Plan) Log(name string) string { return filepath.Join(p.Dir, "logs", name+".log") }

// Binary is a program of this repository.
func (p *Plan) Binary(service string) string { return filepath.Join(p.Root, ".bin", service) }

// Socket is where the supervisor takes orders.
func (p *Plan) Socket() string { return filepath.Join(p.Dir, "control.sock") }

// URL is the door.
func (p *Plan) URL() string { return "http://" + loopback + ":" + strconv.Itoa(p.Port) }

// DatabaseAddr is node i's.
func (p *Plan) DatabaseAddr(i int) config.HostPort { return p.addr(databaseOffset + i) }

// RedisAddr is node i's.
func (p *Plan) RedisAddr(i int) config.HostPort { return p.addr(redisOffset + i) }

// Link is where a service finds the server with that address.
func (p *Plan) Link(server config.HostPort) config.HostPort {
	if p.Linked {
		server.Port += linkOffset
	}
	return server
}

// PeerLinks is where sos finds the other services of a kind.
func (p *Plan) PeerLinks(kind string) []config.HostPort {
	addrs := p.Of(kind)
	if p.Linked {
		for i := range addrs {
			addrs[i].Port += peerOffset
		}
	}
	return addrs
}

// RedisBusPort is where node i of a cluster talks to the others.
func (p *Plan) RedisBusPort(i int) int { return p.PortBase + redisBusOffset + i }

// RedisCount is how many nodes there are.
func (p *Plan) RedisCount() int {
	if p.Cluster {
		return RedisNodes
	}
	return 1
}

func (p *Plan) addr(offset int) config.HostPort {
	return config.HostPort{Host: loopback, Port: p.PortBase + offset}
}

// Ports are all that the stack listens on, each with who does.
func (p *Plan) Ports() map[int]string {
	ports := map[int]string{p.Port: "nginx"}
	for _, s := range p.Services() {
		ports[s.Addr.Port], ports[s.MetricsPort] = s.Name, s.Name+" (metrics)"
	}
	for i := range Databases {
		ports[p.DatabaseAddr(i).Port] = DatabaseName(i)
	}
	for i := range p.RedisCount() {
		ports[p.RedisAddr(i).Port] = RedisName(i)
		if p.Cluster {
			ports[p.RedisBusPort(i)] = RedisName(i) + " (bus)"
		}
	}
	return ports
}

// DatabaseName names node i; which one is the primary may change.
func DatabaseName(i int) string { return fmt.Sprintf("postgres-%d", i+1) }

// RedisName names node i.
func RedisName(i int) string { return fmt.Sprintf("redis-%d", i+1) }

func list(addrs []config.HostPort) string {
	texts := make([]string, 0, len(addrs))
	for _, a := range addrs {
		texts = append(texts, a.Addr())
	}
	return strings.Join(texts, ",")
}
