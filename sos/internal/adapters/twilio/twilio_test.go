package twilio_test

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/sos/internal/adapters/twilio"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	account, token  = "AC0123456789", "the token of the account"
	from, to        = "+15005550006", "+4930123456"
	publicURL       = "https://love.example"
	callID          = "01900000-0000-7000-8000-000000000001"
	expectedAddress = "/2010-04-01/Accounts/" + account + "/Calls.json"
)

// provider speaks the protocol of calls as Twilio does.
type provider struct {
	server *httptest.Server
	status atomic.Int32 // to answer with; 0 = as it should
	answer atomic.Pointer[string]
	hangs  atomic.Bool
	tried  atomic.Int32

	mu    sync.Mutex
	calls []url.Values
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.tried.Add(1)
	name, password, _ := r.BasicAuth()
	switch err := r.ParseForm(); {
	case p.hangs.Load():
		<-r.Context().Done()
	case err != nil || r.Method != http.MethodPost || r.URL.Path != expectedAddress || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		w.WriteHeader(http.StatusNotFound)
	case name != account || password != token:
		w.WriteHeader(http.StatusUnauthorized)
	case p.status.Load() != 0:
		w.WriteHeader(int(p.status.Load()))
		_, _ = w.Write([]byte(`{"code":21211,"message":"quotes +4915112345678"}`))
	case p.answer.Load() != nil:
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(*p.answer.Load()))
	default:
		p.mu.Lock()
		p.calls = append(p.calls, r.PostForm)
		p.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"sid":"CA0123","status":"queued"}`))
	}
}

func (p *provider) placed() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]url.Values(nil), p.calls...)
}

func (p *provider) caller(t *testing.T) *twilio.Caller {
	t.Helper()
	c, err := twilio.New(twilio.Config{URL: p.server.URL, AccountSID: account, AuthToken: token, From: from, To: to, PublicURL: publicURL + "/"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// say is what the provider sends to the address that it was given.
func say(call domain.CallID, form url.Values) ports.SignedEvent {
	e := ports.SignedEvent{Path: twilio.CallbackPath, Query: "call=" + string(call), Form: form}
	e.Signature = twilio.Sign(token, publicURL+e.Path+"?"+e.Query, form)
	return e
}

func TestTheCallerKeepsItsContract(t *testing.T) {
	t.Parallel()
	words := map[domain.CallState]string{domain.CallRinging: "ringing", domain.CallAnswered: "in-progress", domain.CallEnded: "completed", domain.CallFailed: "busy"}
	portstest.RunCaller(t, func(t *testing.T) portstest.Line {
		p := newProvider(t)
		return portstest.Line{
			Caller: p.caller(t),
			Fail: func(failing bool) {
				if p.status.Store(0); failing {
					p.status.Store(http.StatusServiceUnavailable)
				}
			},
			Refuse: func() { p.status.Store(http.StatusBadRequest) },
			Placed: func() int { return len(p.placed()) },
			Say: func(call domain.CallID, provider string, state domain.CallState) ports.SignedEvent {
				return say(call, url.Values{"AccountSid": {account}, "CallSid": {provider}, "CallStatus": {words[state]}, "Called": {to}})
			},
		}
	})
}

func TestTheCentreHearsTheWordsAndIsJoinedWithWhoAsked(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := p.caller(t)
	for _, join := range []string{"+4915112345678", ""} {
		if sid, err := c.Place(t.Context(), domain.CallOrder{ID: callID, Words: "Ann <b> & \"Ben\"", Join: join}); sid != "CA0123" || err != nil {
			t.Fatalf("%q (%v)", sid, err)
		}
	}
	calls := p.placed()
	first := calls[0]
	if first.Get("To") != to || first.Get("From") != from || first.Get("StatusCallback") != publicURL+twilio.CallbackPath+"?call="+callID || len(first["StatusCallbackEvent"]) != 4 {
		t.Errorf("asked for %v", first)
	}
	var script struct {
		Say  []string
		Dial struct {
			CallerID string `xml:"callerId,attr"`
			Number   string
		}
	}
	if err := xml.Unmarshal([]byte(first.Get("Twiml")), &script); err != nil || len(script.Say) != 2 || script.Say[0] != `Ann <b> & "Ben"` ||
		script.Dial.Number != "+4915112345678" || script.Dial.CallerID != from {
		t.Errorf("%+v (%v)", script, err)
	}
	if strings.Contains(calls[1].Get("Twiml"), "Dial") {
		t.Errorf("joined with nobody: %s", calls[1].Get("Twiml"))
	}
	_, err := c.Place(t.Context(), domain.CallOrder{ID: callID, Words: strings.Repeat("word ", 1000)})
	if !errors.Is(err, ports.ErrRefused) {
		t.Errorf("too many words: %v", err)
	}
}

func TestOnlyAnAnswerAboutTheContentIsARefusal(t *testing.T) {
	t.Parallel()
	for status, refused := range map[int]bool{
		http.StatusBadRequest: true, http.StatusUnprocessableEntity: true, http.StatusUnauthorized: false, http.StatusForbidden: false, http.StatusNotFound: false,
		http.StatusTooManyRequests: false, http.StatusInternalServerError: false, http.StatusBadGateway: false, http.StatusFound: false,
	} {
		p := newProvider(t)
		p.status.Store(int32(status)) //nolint:gosec // a status
		_, err := p.caller(t).Place(t.Context(), domain.CallOrder{ID: callID})
		if err == nil || errors.Is(err, ports.ErrRefused) != refused {
			t.Errorf("%d: %v", status, err)
		}
		if err != nil && (strings.Contains(err.Error(), "4915112345678") || strings.Contains(err.Error(), account)) {
			t.Errorf("%d tells too much: %v", status, err)
		}
	}
}

func TestAnAnswerThatMakesNoSenseIsNoCall(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "<html>", "no name": `{}`, "an empty name": `{"sid":""}`, "a long name": `{"sid":"` + strings.Repeat("x", 100) + `"}`,
		"a hidden name": `{"sid":"CA\u0000"}`, "endless": `{"sid":"CA` + strings.Repeat(" ", 1<<20), "a number": `{"sid":1}`,
	} {
		p := newProvider(t)
		p.answer.Store(&text)
		if sid, err := p.caller(t).Place(t.Context(), domain.CallOrder{ID: callID}); err == nil || errors.Is(err, ports.ErrRefused) {
			t.Errorf("%s: %q (%v)", name, sid, err)
		}
	}
}

func TestAProviderThatHangsIsLeftAndThenLeftAlone(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := p.caller(t)
	p.hangs.Store(true)
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if _, err := c.Place(ctx, domain.CallOrder{ID: callID}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	tried := p.tried.Load()
	if _, err := c.Place(t.Context(), domain.CallOrder{ID: callID}); err == nil || p.tried.Load() != tried {
		t.Errorf("it is tried on: %v", err)
	}
}

func TestOnlyWhatTheProviderSignedForUsCounts(t *testing.T) {
	t.Parallel()
	c := newProvider(t).caller(t)
	form := func() url.Values {
		return url.Values{"AccountSid": {account}, "CallSid": {"CA0123"}, "CallStatus": {"in-progress"}}
	}
	good := say(callID, form())
	if _, err := c.Heard(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(e *ports.SignedEvent){
		"another call":      func(e *ports.SignedEvent) { e.Query = "call=01900000-0000-7000-8000-000000000002" },
		"another path":      func(e *ports.SignedEvent) { e.Path += "/" },
		"a changed field":   func(e *ports.SignedEvent) { e.Form["CallStatus"] = []string{"busy"} },
		"one more field":    func(e *ports.SignedEvent) { e.Form["More"] = []string{"x"} },
		"one field less":    func(e *ports.SignedEvent) { delete(e.Form, "CallStatus") },
		"no signature":      func(e *ports.SignedEvent) { e.Signature = "" },
		"another token":     func(e *ports.SignedEvent) { e.Signature = twilio.Sign("x", publicURL+e.Path+"?"+e.Query, e.Form) },
		"another account":   func(e *ports.SignedEvent) { f := form(); f.Set("AccountSid", "AC9"); *e = say(callID, f) },
		"no account":        func(e *ports.SignedEvent) { f := form(); f.Del("AccountSid"); *e = say(callID, f) },
		"a name with a NUL": func(e *ports.SignedEvent) { f := form(); f.Set("CallSid", "CA\x00"); *e = say(callID, f) },
	} {
		e := say(callID, form())
		spoil(&e)
		if _, err := c.Heard(e); !errors.Is(err, ports.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A state that nobody knows says nothing.
	f := form()
	f.Set("CallStatus", "dancing")
	if e, err := c.Heard(say(callID, f)); e.State != "" || err != nil {
		t.Errorf("heard %+v (%v)", e, err)
	}
}
