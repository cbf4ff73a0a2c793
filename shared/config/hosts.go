package config

import (
	"errors"
	"net"
	"strconv"
	"strings"
)

// HostPort is one address of a peer.
type HostPort struct {
	Host string
	Port int
}

// Addr is host:port as dialers take it, IPv6 in brackets.
func (h HostPort) Addr() string { return net.JoinHostPort(h.Host, strconv.Itoa(h.Port)) }

// ParseHosts reads `host`, `host:port` and comma-separated lists of them;
// where the port is left out it is defaultPort. "" gives an empty list.
func ParseHosts(list string, defaultPort int) ([]HostPort, error) {
	var hosts []HostPort
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		host, err := parseHost(item, defaultPort)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

// NamesNone says whether the list is good and has nothing in it.
func NamesNone(list string) bool {
	hosts, err := ParseHosts(list, 1)
	return err == nil && len(hosts) == 0
}

var errHost = errors.New(reasonMark + "a host, host:port, or a comma-separated list of them")

func parseHost(item string, defaultPort int) (HostPort, error) {
	if strings.Contains(item, "/") {
		return HostPort{}, errHost
	}
	if ip := net.ParseIP(strings.Trim(item, "[]")); ip != nil {
		return HostPort{ip.String(), defaultPort}, nil
	}
	host, portText, found := strings.Cut(item, ":")
	if strings.HasPrefix(item, "[") {
		var err error
		if host, portText, err = net.SplitHostPort(item); err != nil {
			return HostPort{}, errHost
		}
		found = true
	}
	if !found {
		return HostPort{item, defaultPort}, nil
	}
	port, err := strconv.Atoi(portText)
	if err != nil || host == "" || port < 1 || port > 65535 {
		return HostPort{}, errHost
	}
	return HostPort{host, port}, nil
}
