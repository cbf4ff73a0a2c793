package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the provider's choice; an HMAC of it is not broken
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// states are the provider's, as ours. "completed" says that somebody had picked
// up; initiated and queued say nothing new.
var states = map[string]domain.CallState{ //nolint:gochecknoglobals // a constant table
	"ringing": domain.CallRinging, "in-progress": domain.CallAnswered, "answered": domain.CallAnswered, "completed": domain.CallEnded,
	"busy": domain.CallFailed, "no-answer": domain.CallFailed, "failed": domain.CallFailed, "canceled": domain.CallFailed,
}

// Heard implements ports.Caller. The signature is over the address that the
// provider was given and all that it sends, sorted by name.
func (c *Caller) Heard(e ports.SignedEvent) (domain.CallEvent, error) {
	address := c.PublicURL + e.Path
	if e.Query != "" {
		address += "?" + e.Query
	}
	given, err := base64.StdEncoding.DecodeString(e.Signature)
	if err != nil || !hmac.Equal(given, sign(c.AuthToken, address, e.Form)) {
		return domain.CallEvent{}, ports.ErrForged
	}
	form := url.Values(e.Form)
	if form.Get("AccountSid") != c.AccountSID || !isSID(form.Get("CallSid")) {
		return domain.CallEvent{}, fmt.Errorf("%w: of another account", ports.ErrForged)
	}
	query, err := url.ParseQuery(e.Query)
	if err != nil {
		return domain.CallEvent{}, fmt.Errorf("%w: the query cannot be read", ports.ErrForged)
	}
	return domain.CallEvent{Call: domain.CallID(query.Get("call")), Provider: form.Get("CallSid"), State: states[form.Get("CallStatus")]}, nil
}

// isSID tells whether text can be the name of a call: visible ASCII, not long.
func isSID(text string) bool {
	hidden := func(r rune) bool { return r <= ' ' || r > '~' }
	return text != "" && len(text) <= maxSID && !strings.ContainsFunc(text, hidden)
}

func sign(token, address string, form map[string][]string) []byte {
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = mac.Write([]byte(address)) // a hash takes everything
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			_, _ = mac.Write([]byte(name + value))
		}
	}
	return mac.Sum(nil)
}

// Sign is how the provider signs a request to address: for programs that stand in for it.
func Sign(token, address string, form map[string][]string) string {
	return base64.StdEncoding.EncodeToString(sign(token, strings.TrimSuffix(address, "?"), form))
}
