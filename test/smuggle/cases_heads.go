package main

import "strings"

func lines() []example {
	return group("lines of the head",
		example{name: "bare LF everywhere", payload: "GET /v1/sos/tickets/1/timeline HTTP/1.1\nHost: app.example\n\n", status: []int{200, 400}},
		example{name: "bare LF that hides a header", payload: get("X-A: b\nX-User-Id: mallory\r\n"), status: []int{200, 400}, canary: "mallory", meaning: "the hidden header"},
		example{name: "bare CR that hides a header", payload: get("X-A: b\rX-User-Id: mallory\r\n"), canary: "mallory", meaning: "the hidden header"},
		example{name: "a folded line", payload: get("X-A: b\r\n c\r\n"), status: []int{200, 400}},
		example{name: "a folded line that hides a header", payload: get("X-A: b\r\n X-User-Id: mallory\r\n"), status: []int{200, 400}, canary: "\nx-user-id", meaning: "the hidden header"},
		example{name: "a folded first line", payload: "GET /v1/sos/tickets/1/timeline HTTP/1.1\r\n X-A: b\r\nHost: app.example\r\n\r\n"},
		example{name: "NUL in a value", payload: get("X-A: a\x00b\r\n")},
		example{name: "NUL in a name", payload: get("X\x00A: b\r\n")},
		example{name: "NUL in the path", payload: "GET /v1/sos\x00/tickets/1/timeline HTTP/1.1\r\nHost: app.example\r\n\r\n"},
		example{name: "a header without a name", payload: get(": mallory\r\n"), canary: "mallory", meaning: "it"},
		example{name: "a header without a colon", payload: get("mallory\r\n"), canary: "mallory", meaning: "it"},
		example{name: "a space in a name", payload: get("X-User Id: mallory\r\n"), canary: "mallory", meaning: "it"},
		example{name: "a control byte in a name", payload: get("X-User\x01Id: mallory\r\n"), canary: "mallory", meaning: "it"},
		example{name: "no version", payload: "GET /v1/sos/tickets/1/timeline\r\nHost: app.example\r\n\r\n"},
		example{name: "two spaces in the first line", payload: "GET  /v1/sos/tickets/1/timeline HTTP/1.1\r\nHost: app.example\r\n\r\n"},
		example{name: "a tab in the first line", payload: "GET\t/v1/sos/tickets/1/timeline\tHTTP/1.1\r\nHost: app.example\r\n\r\n"},
		example{name: "HTTP/1.2", payload: strings.Replace(get(""), "HTTP/1.1", "HTTP/1.2", 1), status: []int{200, 400, 505}},
		example{name: "HTTP/9.9", payload: strings.Replace(get(""), "HTTP/1.1", "HTTP/9.9", 1), status: []int{400, 505}},
		example{name: "http/1.1", payload: strings.Replace(get(""), "HTTP/1.1", "http/1.1", 1)},
		example{name: "HTTP/1.1 with a NUL", payload: strings.Replace(get(""), "HTTP/1.1", "HTTP/1.1\x00", 1)},
	)
}

func hosts() []example {
	line := "GET /v1/sos/tickets/1/timeline HTTP/1.1\r\n"
	return group("Host",
		example{name: "none", payload: line + "\r\n"},
		example{name: "two", payload: line + "Host: app.example\r\nHost: mallory.example\r\n\r\n"},
		example{name: "two that are the same", payload: line + "Host: app.example\r\nHost: app.example\r\n\r\n"},
		example{name: "with a space", payload: line + "Host: app.example mallory\r\n\r\n"},
		example{name: "with a path", payload: line + "Host: app.example/mallory\r\n\r\n", status: []int{200, 400}, canary: "mallory", meaning: "a path in Host"},
		example{name: "with a user", payload: line + "Host: mallory@app.example\r\n\r\n", status: []int{200, 400}, canary: "mallory@", meaning: "a user in Host"},
		example{name: "a space before its colon", payload: line + "Host : mallory.example\r\n\r\n", canary: "mallory", meaning: "it"},
		example{name: "a folded one", payload: line + "Host: app.example\r\n mallory\r\n\r\n", status: []int{200, 400}, canary: "mallory", meaning: "it"},
	)
}

func targets() []example {
	at := func(target string) string { return "GET " + target + " HTTP/1.1\r\nHost: app.example\r\n\r\n" }
	return group("targets",
		example{name: "absolute, another host", payload: at("http://mallory.example/v1/sos/tickets/1/timeline"), status: []int{200}, canary: "\nhost: mallory.example", meaning: "the target's host"},
		example{name: "absolute, another scheme", payload: at("gopher://app.example/v1/sos/tickets/1/timeline"), status: []int{200, 400}, canary: "gopher", meaning: "the target's scheme"},
		example{name: "absolute, with a user", payload: at("http://mallory:x@app.example/v1/sos/tickets/1/timeline"), status: []int{200, 400}, canary: "mallory", meaning: "the target's user"},
		example{name: "absolute, to the inside", payload: at("http://127.0.0.1/internal/users"), status: []int{404}},
		example{name: "two slashes", payload: at("//mallory.example/v1/sos/tickets/1/timeline")},
		example{name: "dots", payload: at("/v1/sos/public/../../../internal/users")},
		example{name: "dots, encoded", payload: at("/v1/sos/%2e%2e/%2e%2e/internal/users")},
		example{name: "dots behind a semicolon", payload: at("/v1/sos/..;/..;/internal/users")},
		example{name: "an encoded slash", payload: at("/v1/sos%2ftickets/1/timeline")},
		example{name: "a backslash", payload: at(`/v1\sos\tickets/1/timeline`)},
		example{name: "CR LF, encoded", payload: at("/v1/sos/tickets/1%0d%0aX-User-Id:%20mallory/timeline")},
		example{name: "a fragment", payload: at("/v1/sos/tickets/1/timeline#/../../internal")},
		example{name: "overlong UTF-8", payload: at("/v1/%c0%ae%c0%ae/internal/users")},
		example{name: "no slash", payload: at("v1/sos/tickets/1/timeline")},
		example{name: "the inside", payload: at("/internal/users"), status: []int{404}},
		example{name: "the inside in capitals", payload: at("/INTERNAL/users"), status: []int{404}},
		example{name: "an asterisk", payload: at("*"), status: []int{400, 405}},
	)
}

// claims is the group of headers that say who asks, or for what. A plain proxy
// passes them on by design; the gateway may not.
const claims = "claims"

func identities() []example {
	claim := func(name string) example {
		return example{name: name, payload: get(name + ": mallory\r\n"), status: []int{200}, canary: "mallory", meaning: "it"}
	}
	all := []example{
		claim("X-User-Id"), claim("x-uSER-iD"), claim("X_User_Id"), claim("X-User_Id"), claim("X-Auth-Request-User"), claim("X-Internal-Token"),
		claim("X-Forwarded-User"), claim("X-Real-IP"), claim("True-Client-IP"), claim("CF-Connecting-IP"), claim("X-Client-IP"), claim("Forwarded"),
		claim("X-HTTP-Method-Override"), claim("X-HTTP-Method"), claim("X-Method-Override"), claim("X-Original-URL"), claim("X-Rewrite-URL"),
		claim("X-Forwarded-Prefix"), claim("Proxy-Authorization"), claim("Proxy"),
		{name: "a host by X-Forwarded-Host", payload: get("X-Forwarded-Host: mallory.example\r\n"), status: []int{200}, canary: "mallory", meaning: "it"},
		{name: "a host by X-Host", payload: get("X-Host: mallory.example\r\nX-Original-Host: mallory.example\r\n"), status: []int{200}, canary: "mallory", meaning: "it"},
		{name: "one nominated by Connection", payload: get("X-User-Id: mallory\r\nConnection: X-User-Id\r\n"), status: []int{200}, canary: "mallory", meaning: "it"},
		{name: "Connection takes ours away", payload: get("Connection: X-Forwarded-For, X-Request-Id\r\nX-Forwarded-For: mallory\r\n"), status: []int{200}, canary: "mallory", meaning: "it"},
		{name: "the method by a query", payload: strings.Replace(get(""), "timeline", "timeline?_method=DELETE", 1), status: []int{200}, canary: "delete /", meaning: "another method"},
	}
	return group(claims, all...)
}

func protocols() []example {
	return group("protocols",
		example{name: "upgrade to h2c", payload: get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"), status: []int{200, 400}, canary: "h2c", meaning: "the upgrade"},
		example{name: "upgrade to h2c with a body", payload: post("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: 2\r\n", "{}"), status: []int{200, 400}, canary: "h2c", meaning: "the upgrade"},
		example{name: "HTTP/2 from the start", payload: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: []int{400, 405, 505}},
		example{name: "upgrade to WebSocket on another route", payload: get("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), status: []int{200, 400}, canary: "\nupgrade: websocket", meaning: "the upgrade"},
		example{name: "upgrade to something else", payload: get("Connection: Upgrade\r\nUpgrade: mallory\r\n"), status: []int{200, 400}, canary: "mallory", meaning: "the upgrade"},
		example{name: "CONNECT", payload: "CONNECT mallory.example:443 HTTP/1.1\r\nHost: mallory.example:443\r\n\r\n", status: []int{400, 405}},
		example{name: "TRACE", payload: strings.Replace(get("X-A: secret\r\n"), "GET", "TRACE", 1), status: []int{405}},
		example{name: "TRACK", payload: strings.Replace(get(""), "GET", "TRACK", 1), status: []int{404, 405}},
		example{name: "an odd expectation", payload: post("Expect: mallory\r\nContent-Length: 2\r\n", "{}"), status: []int{417}},
		example{name: "TE: trailers", payload: get("TE: trailers, deflate\r\n"), status: []int{200}, canary: "deflate", meaning: "a header of the hop"},
	)
}
