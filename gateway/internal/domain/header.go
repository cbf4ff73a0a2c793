package domain

import "strings"

// MayPass tells whether a request header, its name in Go's canonical form, may
// reach a service. Services trust no header about who is asking; those that
// look like one are taken away all the same, and so is what describes the
// connection to the gateway (RFC 9110 section 7.6.1), what overrides method, host
// or path, and every name with an underscore, which some parsers read as a hyphen.
func MayPass(name string) bool {
	if strings.IndexByte(name, '_') >= 0 {
		return false
	}
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
		"Forwarded", "Via", "True-Client-Ip", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip",
		"X-Http-Method", "X-Http-Method-Override", "X-Method-Override", "X-Original-Url", "X-Original-Uri", "X-Rewrite-Url",
		"X-Host", "X-Original-Host", "X-Http-Host-Override",
		"Proxy",             // CGI programs take it for HTTP_PROXY (CVE-2016-5385)
		"X-Idempotency-Key": // net/http would send such a POST twice
		return false
	}
	return !hasAnyPrefix(name, "X-User-", "X-Auth-", "X-Internal-", "X-Forwarded-", "Cf-", "Proxy-") &&
		name != "X-User" && name != "X-Auth" && name != "X-Internal" && name != "X-Forwarded"
}

// MayShape tells whether a request header reaches a service whose answer may be
// kept for everybody. Whatever one client says of itself could be repeated to
// all the others, so only what traces the request and what names its form pass.
func MayShape(name string) bool {
	switch name {
	case "Accept", "If-None-Match", "X-Request-Id", "Traceparent", "Tracestate":
		return true
	}
	return false
}

func hasAnyPrefix(name string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
