package strictjson_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func post(body io.Reader, header http.Header) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	r.Header = header
	return r
}

func typed(contentType string) http.Header { return http.Header{"Content-Type": {contentType}} }

func TestABodyMustBeDeclaredAsJSON(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		header http.Header
		kind   fault.Kind // Internal stands for accepted
	}{
		"plain":               {typed("application/json"), 0},
		"in capitals":         {typed("Application/JSON"), 0},
		"with its charset":    {typed("application/json; charset=utf-8"), 0},
		"charset in capitals": {typed(`application/json;charset="UTF-8"`), 0},
		"another parameter":   {typed("application/json; version=1"), 0},
		"identity":            {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"identity"}}, 0},
		"nothing":             {http.Header{}, fault.UnsupportedMedia},
		"empty":               {typed(""), fault.UnsupportedMedia},
		"text":                {typed("text/plain"), fault.UnsupportedMedia},
		"a form":              {typed("application/x-www-form-urlencoded"), fault.UnsupportedMedia},
		"a patch":             {typed("application/merge-patch+json"), fault.UnsupportedMedia},
		"JSON lines":          {typed("application/jsonlines"), fault.UnsupportedMedia},
		"another charset":     {typed("application/json; charset=iso-8859-1"), fault.UnsupportedMedia},
		"UTF-16":              {typed("application/json; charset=utf-16"), fault.UnsupportedMedia},
		"charset twice":       {typed("application/json; charset=utf-8; charset=utf-16"), fault.UnsupportedMedia},
		"two types":           {http.Header{"Content-Type": {"application/json", "text/plain"}}, fault.UnsupportedMedia},
		"two in one":          {typed("application/json, text/plain"), fault.UnsupportedMedia},
		"compressed":          {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, fault.UnsupportedMedia},
		"garbage":             {typed(";;"), fault.UnsupportedMedia},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got request
			err := strictjson.Decode(httptest.NewRecorder(), post(strings.NewReader(`{"email":"a"}`), c.header), &got)
			if c.kind == 0 {
				if err != nil || got.Email != "a" {
					t.Fatalf("%+v, %v", got, err)
				}
				return
			}
			if fault.From(err).Kind != c.kind {
				t.Fatalf("%v", err)
			}
		})
	}
}

// unsized hides the length, as a chunked body does.
type unsized struct{ io.Reader }

func TestABodyTooLargeIsRefusedAndNoByteSooner(t *testing.T) {
	t.Parallel()
	body := func(size int) string { return `{"email":"` + strings.Repeat("x", size-12) + `"}` }
	cases := map[string]struct {
		body io.Reader
		opts []strictjson.Option
		ok   bool
	}{
		"64 KiB":              {strings.NewReader(body(64 << 10)), nil, true},
		"64 KiB unsized":      {unsized{strings.NewReader(body(64 << 10))}, nil, true},
		"a byte more":         {strings.NewReader(body(64<<10 + 1)), nil, false},
		"a byte more unsized": {unsized{strings.NewReader(body(64<<10 + 1))}, nil, false},
		"without end":         {unsized{endless{}}, nil, false},
		"a limit of its own":  {strings.NewReader(body(100)), []strictjson.Option{strictjson.MaxBytes(100)}, true},
		"beyond that":         {strings.NewReader(body(101)), []strictjson.Option{strictjson.MaxBytes(100)}, false},
		"a larger limit":      {strings.NewReader(body(1 << 20)), []strictjson.Option{strictjson.MaxBytes(1 << 20)}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := strictjson.Decode(httptest.NewRecorder(), post(c.body, typed("application/json")), new(request), c.opts...)
			if c.ok && err != nil || !c.ok && !errors.Is(err, fault.New(fault.TooLarge, "payload_too_large", "")) {
				t.Fatalf("%v", err)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestOnlyAnOptionalBodyMayBeMissing(t *testing.T) {
	t.Parallel()
	dst := request{Email: "as before"}
	for name, r := range map[string]*http.Request{
		"no body":           post(http.NoBody, http.Header{}),
		"no body but typed": post(http.NoBody, typed("application/json")),
		"an empty chunked":  post(unsized{strings.NewReader("")}, http.Header{}),
		"nil":               {Header: http.Header{}},
	} {
		if err := strictjson.Decode(httptest.NewRecorder(), r, &dst, strictjson.Optional()); err != nil || dst.Email != "as before" {
			t.Errorf("%s, optional: %v", name, err)
		}
		if err := strictjson.Decode(httptest.NewRecorder(), r, &dst); !errors.Is(err, fault.New(fault.Malformed, "malformed_json", "")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		r    *http.Request
		kind fault.Kind
	}{
		"an optional body is declared like any": {post(strings.NewReader(`{"email":"b"}`), http.Header{}), fault.UnsupportedMedia},
		"and well-formed like any":              {post(strings.NewReader(` `), typed("application/json")), fault.Malformed},
	} {
		if err := strictjson.Decode(httptest.NewRecorder(), c.r, &dst, strictjson.Optional()); fault.From(err).Kind != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// failing gives some bytes, then an error.
type failing struct{ err error }

func (f failing) Read(p []byte) (int, error) { return copy(p, `{"em`), f.err }

func TestABodyThatBreaksOffIsTheClientsFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"cut":      {io.ErrUnexpectedEOF, fault.Malformed},
		"reset":    {errors.New("read tcp 10.0.0.7:443: connection reset by peer"), fault.Malformed},
		"too slow": {fmt.Errorf("read tcp 10.0.0.7:443: %w", os.ErrDeadlineExceeded), fault.RequestTimeout},
	} {
		err := strictjson.Decode(httptest.NewRecorder(), post(failing{c.err}, typed("application/json")), new(request))
		if fault.From(err).Kind != c.kind || strings.Contains(err.Error(), "10.0.0.7") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOverTheWire sends what a client library would not.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	listener, err := httpserver.Listen(context.Background(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	handler := httpserver.Handler(func(w http.ResponseWriter, r *http.Request) error {
		var dst request
		if err := strictjson.Decode(w, r, &dst, strictjson.RejectUnknown()); err != nil {
			return err
		}
		return httpserver.NoContent(w)
	})
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)

	const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	cases := map[string]struct {
		request string
		status  int
	}{
		"a body":                    {head + "Content-Length: 13\r\n\r\n{\"email\":\"a\"}", 204},
		"in chunks":                 {head + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"email\r\n6\r\n\":\"a\"}\r\n0\r\n\r\n", 204},
		"declared as 10 GB":         {head + "Content-Length: 10000000000\r\n\r\n{", 413},
		"more than declared":        {head + "Content-Length: 13\r\nConnection: close\r\n\r\n{\"email\":\"a\"}{}", 204},
		"a chunk that is none":      {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400},
		"an unknown field":          {head + "Content-Length: 9\r\n\r\n{\"id\": 1}", 422},
		"the end before the length": {head + "Content-Length: 13\r\n\r\n{\"em", 400},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "the end") {
				_ = conn.(*net.TCPConn).CloseWrite()
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			if body, _ := io.ReadAll(res.Body); res.StatusCode != c.status {
				t.Fatalf("%d %s", res.StatusCode, body)
			}
		})
	}
}
