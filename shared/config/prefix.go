package config

import (
	"errors"
	"net/netip"
	"strings"
)

// ParsePrefixes reads a comma-separated list of CIDRs; a bare address is its own /32 or /128.
func ParsePrefixes(list string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		prefix, err := parsePrefix(item)
		if err != nil {
			return nil, err
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

func parsePrefix(item string) (netip.Prefix, error) {
	if strings.Contains(item, "/") {
		if prefix, err := netip.ParsePrefix(item); err == nil {
			return prefix.Masked(), nil
		}
	} else if addr, err := netip.ParseAddr(item); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.Prefix{}, errors.New(reasonMark + "a comma-separated list of CIDRs such as 10.0.0.0/8")
}
