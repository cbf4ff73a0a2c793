// Package banner says where everything is and gives a newcomer three commands to try.
package banner

import (
	"fmt"
	"strings"
)

// Facts are what the banner tells.
type Facts struct {
	URL        string // of the gateway
	Metrics    string
	DataDir    string
	PostgreSQL string // where it is, in words
	Redis      string
	// Email and Password of the demo account; empty where there is none.
	Email, Password string
}

// Text is the banner, to be printed once everything is ready.
func Text(f Facts) string {
	rows := [][2]string{
		{"API", f.URL},
		{"Metrics", f.Metrics},
		{"Data", f.DataDir},
		{"PostgreSQL", f.PostgreSQL},
		{"Redis", f.Redis},
	}
	if f.Email != "" {
		rows = append(rows, [2]string{"Demo account", f.Email + "  " + f.Password})
	}
	var text strings.Builder
	text.WriteString("Love App backend is running. Ctrl-C stops it.\n\n")
	for _, row := range rows {
		fmt.Fprintf(&text, "  %-14s%s\n", row[0], row[1])
	}
	text.WriteString("\nTry it in another terminal:\n\n")
	for _, line := range Commands(f) {
		text.WriteString(line + "\n")
	}
	return text.String() + "\n"
}

// Commands are three lines for any POSIX shell, to be pasted in order.
func Commands(f Facts) []string {
	get := func(path string) string { return "curl -sS -w '\\n' " + f.URL + path }
	if f.Email == "" {
		return []string{get("/health"), get("/health/services"), get("/.well-known/jwks.json")}
	}
	const body = "-H 'Content-Type: application/json' -d "
	login := fmt.Sprintf(`TOKEN=$(curl -sS %s/v1/auth/login %s'{"email":"%s","password":"%s"}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/'); echo "$TOKEN"`,
		f.URL, body, f.Email, f.Password)
	drill := get("/v1/sos/tickets") + ` -H "Authorization: Bearer $TOKEN" -H 'Idempotency-Key: my-first-drill' ` +
		body + `'{"emergencyType":"medical","drill":true}'`
	return []string{login, drill, get("/health")}
}
