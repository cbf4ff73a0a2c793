package main_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/test/load/internal/report"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/tinyapp"
	"github.com/loveapp/backend/test/stack"
)

// driver is the built program; its tests are about the whole of it.
var driver string

func TestMain(m *testing.M) {
	code, err := withDriver(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withDriver(run func() int) (code int, err error) {
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	driver = filepath.Join(dir, "load")
	if out, err := exec.Command("go", "build", "-o", driver, ".").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the driver: %w: %s", err, out)
	}
	return run(), nil
}

const secret = "ssssssssssssssssssssssssssssssss"

// load runs the driver against the app and gives its output.
func load(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, driver, args...)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "JWT_SECRET="+secret)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

func start(t *testing.T) string {
	t.Helper()
	app, err := tinyapp.Start(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return "http://" + app.Address()
}

func TestARunPrintsAndKeepsItsReport(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "reports")
	printed, progress, err := load(t, "run", "-url", start(t), "-profile", "smoke", "-rate", "400", "-for", "2s", "-sockets", "100", "-out", out, "-seed", "7")
	if err != nil {
		t.Fatalf("%v: %s", err, progress)
	}
	page, err := os.ReadFile(filepath.Join(out, "smoke.md"))
	if err != nil || string(page) != printed {
		t.Errorf("the page that is kept differs from what was printed: %v", err)
	}
	r := read(t, filepath.Join(out, "smoke.json"))
	if r.Total.Failed != 0 || r.Rate.Asked != 400 || r.Rate.Achieved <= 0 || r.Sockets.Fewest != 100 || r.Seed != 7 {
		t.Errorf("asked for 400/s and 100 sockets the report says %+v, %+v, %d sockets, seed %d", r.Rate, r.Total, r.Sockets.Fewest, r.Seed)
	}
	if len(r.Programs) != 2 || r.Programs[0].RSS == 0 {
		t.Errorf("the driver's two workers are %+v", r.Programs)
	}
}

// The real thing, small: that every route, limit and message of the mix works
// through nginx, and that all processes are measured. Speed is not asked here.
func TestARealStackAnswersEverythingInTheMix(t *testing.T) {
	t.Parallel()
	const limit = 4 * time.Minute // programs are built first
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	s, err := stack.Start(ctx, stack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	out := t.TempDir()
	_, progress, err := load(t, "run", "-stack", s.Program(), "-dir", s.Dir(), "-profile", "smoke", "-rate", "60", "-for", "5s", "-sockets", "60", "-out", out)
	if err != nil {
		t.Fatalf("%v: %s", err, progress)
	}
	r := read(t, filepath.Join(out, "smoke.json"))
	for _, line := range r.Routes {
		for fault, n := range line.Faults {
			// A machine that is busy elsewhere may be slow; it must not be wrong.
			if fault != score.TimedOut {
				t.Errorf("%s ends in %s %d times", line.Name, fault, n)
			}
		}
	}
	if r.Total.Good == 0 || r.Sockets.AtStart != 60 || r.Sockets.Audit.Missing > 0 || r.Sockets.Audit.Repeated > 0 {
		t.Errorf("%d good answers, %d sockets, messages %+v", r.Total.Good, r.Sockets.AtStart, r.Sockets.Audit)
	}
	services := 0
	for _, p := range r.Programs {
		if p.RSS == 0 || p.Processes == 0 {
			t.Errorf("%s was not measured: %+v", p.Name, p)
		}
		if p.Service {
			services++
		}
	}
	if services != 11 {
		t.Errorf("%d services were measured, want 11", services)
	}
}

func read(t *testing.T, file string) report.Report {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMintedTokensAreGoodAndComeWithAddresses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tokens.csv")
	if _, errs, err := load(t, "mint", "-url", "http://127.0.0.1:8080", "-n", "50", "-addresses", "10", "-to", file); err != nil {
		t.Fatalf("%v: %s", err, errs)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of tokens is %v, %v; want it closed to others", info, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(rows) != 51 || strings.Join(rows[0], ",") != "userId,token,address" {
		t.Fatalf("%d rows, the first %v, %v", len(rows), rows[0], err)
	}
	signer, err := token.NewSigner(token.SignerConfig{Secret: config.Secret(secret)})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: signer})
	if err != nil {
		t.Fatal(err)
	}
	addresses := map[netip.Addr]bool{}
	for _, row := range rows[1:] {
		claims, err := verifier.Verify(t.Context(), row[1])
		if err != nil || claims.Subject != row[0] || claims.Role != token.RoleUser {
			t.Fatalf("the token of %s is of %+v, %v", row[0], claims, err)
		}
		addresses[netip.MustParseAddr(row[2])] = true
	}
	if len(addresses) != 10 {
		t.Errorf("50 people share %d addresses, want 10", len(addresses))
	}
}

func TestBadInputIsOneClearSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no command":          {nil, "usage: load run|mint"},
		"unknown command":     {[]string{"fly"}, "usage: load run|mint"},
		"unknown profile":     {[]string{"run", "-profile", "huge"}, `there is no profile "huge": choose from alarms, alarms-answered, alarms-burst, artillery, artillery-smoke, full, smoke`},
		"no stack":            {[]string{"run", "-stack", "/nowhere/stack"}, "ask /nowhere/stack about the stack in .stack"},
		"too many sockets":    {[]string{"run", "-sockets", "90000"}, "give it more workers"},
		"no http":             {[]string{"run", "-url", "localhost:8080"}, "the URL must be of the form http://127.0.0.1:8080"},
		"something behind it": {[]string{"run", "smoke"}, "smoke is none"},
		"nothing to mint":     {[]string{"mint", "-n", "0"}, "must be above 0"},
		"nobody there":        {[]string{"run", "-url", "http://127.0.0.1:1"}, "no connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs, err := load(t, c.args...)
			if err == nil || !strings.Contains(errs, c.want) {
				t.Errorf("it says %q (%v), want %q", errs, err, c.want)
			}
		})
	}
}
