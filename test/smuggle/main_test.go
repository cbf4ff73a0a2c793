package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheGatewayKeepsItsPromiseInEveryCase(t *testing.T) {
	t.Parallel()
	report := filepath.Join(t.TempDir(), "report.md")
	var out bytes.Buffer
	if err := command(t.Context(), []string{"-alone", "-patience", "1m", "-report", report}, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	written, err := os.ReadFile(report)
	if err != nil || !bytes.Equal(written, out.Bytes()) {
		t.Errorf("the report is another one: %v", err)
	}
	for _, want := range []string{"| case | gateway |", "CL.TE with a request behind | 400 |", "| as they should be | 200, clean |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, out.String())
		}
	}
}

func TestEveryCaseHasANameAndAPromise(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, c := range cases() {
		if key := c.group + "/" + c.name; c.name == "" || c.group == "" || seen[key] {
			t.Errorf("%q stands there twice, or has no name", key)
		} else {
			seen[key] = true
		}
		if c.payload == "" || len(c.status) == 0 || (c.canary == "") != (c.meaning == "") {
			t.Errorf("%s: %+v", c.name, c)
		}
	}
}

func TestAServerThatPassesEverythingOnIsFoundOut(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]message{
		"bare LF":                      {head: "GET / HTTP/1.1\nHost: x\n\n", whole: true},
		"a folded line":                {head: "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", whole: true},
		"two framings":                 {head: "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", whole: true},
		"a length said twice":          {head: "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n", whole: true},
		"an odd coding":                {head: "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", whole: true},
		"an odd chunk":                 {head: "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", body: "0x2\r\n", whole: true},
		"an odd length":                {head: "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n", whole: true},
		"a control byte":               {head: "GET / HTTP/1.1\r\nHost: x\x00\r\n\r\n", whole: true},
		"not one Host":                 {head: "GET / HTTP/1.1\r\n\r\n", whole: true},
		"a smuggled request":           {head: "GET " + smuggled + " HTTP/1.1\r\nHost: x\r\n\r\n", whole: true},
		"a request that is broken off": {head: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		"its trailer":                  {head: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", body: "0\r\nA: Mallory\r\n", whole: true},
	} {
		if wrong := m.amiss(example{canary: "mallory", meaning: "its trailer"}); len(wrong) != 1 || wrong[0] != name {
			t.Errorf("%s: %q", name, wrong)
		}
	}
	if wrong := (message{head: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", whole: true}).amiss(example{}); len(wrong) != 0 {
		t.Errorf("an ordinary request: %q", wrong)
	}
}
