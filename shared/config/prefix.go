package config

import (
	"errors"
	"net/netip"
	"strings"
)

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
