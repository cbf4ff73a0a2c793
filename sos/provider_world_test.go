package sos_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/loveapp/backend/sos"
	"github.com/loveapp/backend/sos/internal/adapters/twilio"
)

// The whole way: the queue in the database, the provider's protocol, and what it says afterwards.
func TestACallIsPlacedByTheProvidersProtocolWhenItIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var down atomic.Bool
	var taken atomic.Pointer[url.Values]
	provider := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, r *http.Request) {
		if down.Load() {
			res.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		taken.Store(&r.PostForm)
		res.WriteHeader(http.StatusCreated)
		_, _ = res.Write([]byte(`{"sid":"CA0123"}`))
	}))
	t.Cleanup(provider.Close)
	const account, token = "AC0123", "the token of the account"
	w.config.Calls = sos.Calls{AccountSID: account, AuthToken: token, From: "+15005550006", CallTo: "+4930123456", APIURL: provider.URL}
	down.Store(true)
	first := w.ready()
	ann := w.person(first, "Ann")
	id := ann.opened(`{}`)
	call := ann.post("/v1/sos/tickets/"+id+"/calls", "").is(http.StatusAccepted).str("callId")
	w.eventually("it has been tried in vain", func() bool {
		var attempts int
		return w.admin.QueryRow(`SELECT attempts FROM sos.calls`).Scan(&attempts) == nil && attempts > 0
	})
	first.stop() // whoever comes next takes it up
	down.Store(false)

	second := w.ready()
	w.eventually("the provider has it", func() bool { return taken.Load() != nil })
	address := taken.Load().Get("StatusCallback")
	if address != "https://love.example"+callEventsPath+"?call="+call {
		t.Errorf("it tells %s", address)
	}
	form := url.Values{"AccountSid": {account}, "CallSid": {"CA0123"}, "CallStatus": {"in-progress"}}
	said := w.person(second, "Ann").with("").post(callEventsPath+"?call="+call, form.Encode(),
		"Content-Type: application/x-www-form-urlencoded", "X-Twilio-Signature: "+twilio.Sign(token, address, form))
	said.is(http.StatusNoContent)
	if a := w.person(second, "Ann").get("/v1/sos/tickets/" + id).is(http.StatusOK); a.str("status") != "emergency_called" {
		t.Errorf("the ticket is %s", a.str("status"))
	}
}
