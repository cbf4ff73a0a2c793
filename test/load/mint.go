package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
)

// mint writes a CSV of user id, token and an address to call from.
func mint(ctx context.Context, args []string, progress io.Writer) (err error) {
	var on target
	f := flag.NewFlagSet("mint", flag.ContinueOnError)
	f.SetOutput(progress)
	on.flags(f)
	count := f.Int("n", 20_000, "how many")
	addresses := f.Int("addresses", 1000, "how many addresses they share")
	lifetime := f.Duration("for", time.Hour, "how long the tokens are good")
	to := f.String("to", "tokens.csv", "the file to write, mode 0600")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *count < 1 || *addresses < 1 || *lifetime <= 0 {
		return errors.New("-n, -addresses and -for must be above 0")
	}
	s, err := on.read(ctx)
	if err != nil {
		return err
	}
	m, err := people.NewMint(s.JWT, people.NewRun(), time.Now().Add(*lifetime))
	if err != nil {
		return err
	}
	file, err := os.OpenFile(*to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	text := bufio.NewWriter(file) // keeps the first error until Flush
	_, _ = fmt.Fprintln(text, "userId,token,address")
	for n := range *count {
		p, err := m.Person(n)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(text, "%s,%s,%s\n", p.ID, p.Token, loopback.Addr(n%*addresses))
	}
	return text.Flush()
}
