// Command parity measures whether time tells what state an account is in: how
// long a refused sign-in takes, and how long a letter's order. It talks to one
// copy of auth directly, because the gateway limits both; where none is named
// it starts one.
package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/test/alone"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

func main() { program.Main("parity", command) }

// options are the flags.
type options struct {
	url, admin, password, report string
	samples                      int
}

func command(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("parity", flag.ContinueOnError)
	flags.StringVar(&o.url, "url", "", "one copy of auth; else it is started, on a PostgreSQL and a Redis of its own")
	flags.StringVar(&o.admin, "admin", "", "a SUPER_ADMIN of that copy, to measure banned accounts too")
	flags.StringVar(&o.password, "admin-password", "", "their password")
	flags.IntVar(&o.samples, "samples", 500, "requests for each state")
	flags.StringVar(&o.report, "report", "", "file for the report; else it is printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var found []finding
	if err := world.Attempt(ctx, func(t world.T) { found = measure(t, o) }); err != nil {
		return err
	}
	return errors.Join(program.Publish(out, o.report, page(found, o.samples)), tells(found))
}

// measure asks about every state that the copy of auth can be brought into.
func measure(t world.T, o options) []finding {
	t.Helper()
	p := newProber(t, o.url)
	if o.url == "" {
		p.issuer = authtest.NewIssuer(t)
		o.admin, o.password = alone.AdminEmail, alone.AdminPassword
		p.url = alone.Start(t, alone.Options{Env: []string{"OIDC_ISSUERS=" + issuerName + "=" + p.issuer.URL + "|" + authtest.ClientID}}).URL
	}
	if o.admin != "" {
		p.must(p.signInAdmin(o.admin, o.password))
	}
	var found []finding
	for _, q := range questions() {
		found = append(found, p.ask(q, o.samples)...)
	}
	return found
}
