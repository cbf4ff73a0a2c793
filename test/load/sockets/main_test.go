package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/loveapp/backend/test/program"
)

func TestMain(m *testing.M) { program.MainOfTests(m, command) }

func TestEachMeasurementPrintsItsFigures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"hold":       {[]string{"hold", "-n", "30", "-for", "1s"}, []string{"30 authenticated sockets", "RSS a socket", "idle CPU"}},
		"fanout":     {[]string{"fanout", "-n", "30", "-rounds", "2"}, []string{"to 30 sockets", "service", "write(2)"}},
		"hostile":    {[]string{"hostile", "-n", "30", "-rounds", "3"}, []string{"30 clients are sent 3 messages", "memory has grown"}},
		"storm":      {[]string{"storm", "-n", "30"}, []string{"30 clients come back", "peak RSS"}},
		"latency":    {[]string{"latency", "-n", "30", "-rate", "20", "-for", "1s"}, []string{"20 notifications", "20 came, 0 requests failed"}},
		"reads":      {[]string{"reads", "-n", "5", "-rounds", "2"}, []string{"10 marks as read", "from the request to the frame"}},
		"escalation": {[]string{"escalation", "-n", "12", "-hurry"}, []string{"all is well: 6 alarms", "push", "email", "6 acknowledged", "over a socket, by seq: 2", "is killed that holds"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := command(t.Context(), c.args, &out); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, out.String())
				}
			}
		})
	}
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"nothing"}, {"hold", "-n", "0"}, {"hold", "-n", "20000"}, {"fanout", "-rounds", "x"}} {
		if err := command(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
