package program_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/program"
)

type settings struct {
	port  int
	wrong error
}

func (s settings) Validate() error { return s.wrong }

func of(s settings, loading error) program.Program[settings] {
	return program.Program[settings]{
		Load:  func() (settings, error) { return s, loading },
		Serve: func(context.Context, settings) error { return errors.New("served") },
		Port:  func(s settings) int { return s.port },
		Commands: map[string]func(context.Context, settings, io.Writer) error{
			"show": func(_ context.Context, s settings, out io.Writer) error {
				_, err := io.WriteString(out, strconv.Itoa(s.port))
				return err
			},
			"migrate": func(context.Context, settings, io.Writer) error { return errors.New("migrated") },
		},
	}
}

func TestACommandIsFoundByItsName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"none":    {nil, "served"},
		"serve":   {[]string{"serve"}, "served"},
		"migrate": {[]string{"migrate"}, "migrated"},
		"unknown": {[]string{"explode"}, `unknown command "explode": use serve (the default), health, migrate, show`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := of(settings{}, nil).Run(t.Context(), c.args, io.Discard)
			if err == nil || err.Error() != c.want {
				t.Errorf("it says %v, wanted %q", err, c.want)
			}
		})
	}
}

func TestACommandWritesWhereItIsTold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := of(settings{port: 7}, nil).Run(t.Context(), []string{"show"}, &out); err != nil || out.String() != "7" {
		t.Errorf("it wrote %q: %v", out.String(), err)
	}
}

func TestEveryMistakeIsNamedBeforeAnythingRuns(t *testing.T) {
	t.Parallel()
	err := of(settings{wrong: errors.New("PORT is no port")}, errors.New("LIFE is no time")).Run(t.Context(), nil, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PORT is no port") || !strings.Contains(err.Error(), "LIFE is no time") {
		t.Errorf("it says %v", err)
	}
}

func TestHealthIsWhatTheCopyOnThisMachineSays(t *testing.T) {
	t.Parallel()
	for status, healthy := range map[int]bool{http.StatusOK: true, http.StatusServiceUnavailable: false} {
		answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/health/ready" {
				status = http.StatusNotFound
			}
			w.WriteHeader(status)
		})
		copied := &httptest.Server{Listener: freeport.Listen(t), Config: &http.Server{Handler: answer, ReadHeaderTimeout: time.Minute}}
		copied.Start()
		err := of(settings{port: portOf(t, copied.URL)}, nil).Run(t.Context(), []string{"health"}, io.Discard)
		copied.Close()
		if (err == nil) != healthy {
			t.Errorf("%d: it says %v", status, err)
		}
		if err := of(settings{port: portOf(t, copied.URL)}, nil).Run(t.Context(), []string{"health"}, io.Discard); err == nil {
			t.Error("a copy that is gone is healthy")
		}
	}
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	_, text, err := net.SplitHostPort(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestAStoreThatIsAwayIsToldInTheOperatorsWords(t *testing.T) {
	t.Parallel()
	p := of(settings{}, nil)
	p.Serve = func(context.Context, settings) error {
		return fault.New(fault.Unavailable, "unavailable", "Try again shortly.").WithCause(errors.New("connection refused"))
	}
	if err := p.Run(t.Context(), nil, io.Discard); err == nil || err.Error() != "a store cannot be used, see DATABASE_HOST and REDIS_HOST: connection refused" {
		t.Errorf("it says %v", err)
	}
}

func TestAnErrandHasTwoWordsAndGetsTheRest(t *testing.T) {
	t.Parallel()
	p := of(settings{}, nil)
	p.Errands = map[string]func(context.Context, settings, []string, io.Writer) error{
		"admin create": func(_ context.Context, _ settings, args []string, _ io.Writer) error {
			return errors.New(strings.Join(args, "|"))
		},
	}
	if err := p.Run(t.Context(), []string{"admin", "create", "a", "b"}, io.Discard); err == nil || err.Error() != "a|b" {
		t.Errorf("it says %v", err)
	}
	if err := p.Run(t.Context(), []string{"admin"}, io.Discard); err == nil || !strings.Contains(err.Error(), "admin create") {
		t.Errorf("alone it says %v", err)
	}
}

func TestWhatMakesSettingsNeedsNone(t *testing.T) {
	t.Parallel()
	p := of(settings{wrong: errors.New("nothing is set")}, errors.New("nor can it be read"))
	p.Makers = map[string]func(io.Writer) error{"key": func(out io.Writer) error {
		_, err := io.WriteString(out, "KEY=1")
		return err
	}}
	var out bytes.Buffer
	if err := p.Run(t.Context(), []string{"key"}, &out); err != nil || out.String() != "KEY=1" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := p.Run(t.Context(), []string{"show"}, &out); err == nil {
		t.Error("the others run without settings")
	}
}
