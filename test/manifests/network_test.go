package manifests_test

import (
	"net/netip"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// elsewhere are those outside of the namespace, named by it; outside is the internet.
const (
	ingress    = "ingress-nginx"
	monitoring = "monitoring"
	outside    = "203.0.113.7"
	inside     = "10.1.2.3"
)

func TestWhoMustSpeakMayAndNobodyElse(t *testing.T) {
	t.Parallel()
	base := deployed(t, "base")
	for _, c := range []struct {
		from, to string
		port     int32
		may      bool
	}{
		{ingress, "nginx", 8080, true},
		{"nginx", "api-gateway", 3000, true},
		{"api-gateway", "auth-service", 3001, true},
		{"api-gateway", "notification-service", 3002, true},
		{"api-gateway", "sos-service", 3003, true},
		{"sos-service", "notification-service", 3002, true},
		{"sos-service", "auth-service", 3001, true},
		{"notification-service", "auth-service", 3001, true},
		{"notification-service", "sos-service", 3003, true},
		{"auth-service", "notification-service", 3002, true},
		{"api-gateway", "redis-cluster", 6379, true},
		{"sos-service", "postgres-master", 5432, true},
		{"auth-service", "postgres-replica", 5432, true},
		{"migrate", "postgres-master", 5432, true},
		{"postgres-replica", "postgres-master", 5432, true},
		{"postgres-backup", "postgres-replica", 5432, true},
		{"redis-cluster", "redis-cluster", 16379, true},
		{"redis-cluster-init", "redis-cluster", 6379, true},
		{monitoring, "sos-service", 9403, true},
		{monitoring, "api-gateway", 9400, true},
		{"notification-service", outside, 443, true},
		{"sos-service", outside, 443, true},
		{"auth-service", outside, 443, true}, // the keys of those who sign ID tokens

		{"nginx", "auth-service", 3001, false},
		{"nginx", "postgres-master", 5432, false},
		{"api-gateway", "postgres-master", 5432, false},
		{"api-gateway", outside, 443, false},
		{"notification-service", inside, 443, false},
		{"redis-cluster", "postgres-master", 5432, false},
		{monitoring, "sos-service", 3003, false},
		{"nginx", "sos-service", 9403, false},
		{"default", "api-gateway", 3000, false},
	} {
		if got := base.leaves(t, c.from, c.to, c.port) && base.enters(t, c.from, c.to, c.port); got != c.may {
			t.Errorf("%s to %s:%d: allowed is %t, wanted %t", c.from, c.to, c.port, got, c.may)
		}
	}
}

// leaves: a policy of from's lets it. What is not a pod here is not held by ours.
func (c *cluster) leaves(t *testing.T, from, to string, port int32) bool {
	t.Helper()
	if !c.has(from) {
		return true
	}
	for _, p := range c.policies(t, from, networkingv1.PolicyTypeEgress) {
		for _, rule := range p.Spec.Egress {
			if opens(rule.Ports, port) && c.among(t, rule.To, to) {
				return true
			}
		}
	}
	return false
}

func (c *cluster) enters(t *testing.T, from, to string, port int32) bool {
	t.Helper()
	if !c.has(to) {
		return true
	}
	for _, p := range c.policies(t, to, networkingv1.PolicyTypeIngress) {
		for _, rule := range p.Spec.Ingress {
			if opens(rule.Ports, port) && c.among(t, rule.From, from) {
				return true
			}
		}
	}
	return false
}

func (c *cluster) has(name string) bool {
	return slices.ContainsFunc(c.pods, func(p pods) bool { return p.name == name })
}

// policies are those of that type which hold for a workload; there is at least one,
// the one that forbids everything.
func (c *cluster) policies(t *testing.T, name string, of networkingv1.PolicyType) []*networkingv1.NetworkPolicy {
	t.Helper()
	var held []*networkingv1.NetworkPolicy
	for _, p := range all[*networkingv1.NetworkPolicy](c) {
		chosen := c.selected(t, &p.Spec.PodSelector)
		if slices.Contains(p.Spec.PolicyTypes, of) && slices.ContainsFunc(chosen, func(pod pods) bool { return pod.name == name }) {
			held = append(held, p)
		}
	}
	if len(held) == 0 {
		t.Fatalf("nothing forbids %s anything", name)
	}
	return held
}

func opens(ports []networkingv1.NetworkPolicyPort, port int32) bool {
	return slices.ContainsFunc(ports, func(p networkingv1.NetworkPolicyPort) bool { return p.Port.IntVal == port })
}

// among: name is one of the peers.
func (c *cluster) among(t *testing.T, peers []networkingv1.NetworkPolicyPeer, name string) bool {
	t.Helper()
	return slices.ContainsFunc(peers, func(peer networkingv1.NetworkPolicyPeer) bool {
		switch {
		case peer.IPBlock != nil:
			return within(t, peer.IPBlock, name)
		case peer.NamespaceSelector != nil:
			there, err := metav1.LabelSelectorAsSelector(peer.NamespaceSelector)
			return err == nil && there.Matches(labels.Set{"kubernetes.io/metadata.name": name})
		}
		return slices.ContainsFunc(c.selected(t, peer.PodSelector), func(p pods) bool { return p.name == name })
	})
}

func within(t *testing.T, block *networkingv1.IPBlock, name string) bool {
	t.Helper()
	addr, err := netip.ParseAddr(name)
	if err != nil || !netip.MustParsePrefix(block.CIDR).Contains(addr) {
		return false
	}
	return !slices.ContainsFunc(block.Except, func(except string) bool { return netip.MustParsePrefix(except).Contains(addr) })
}
