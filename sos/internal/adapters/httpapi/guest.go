package httpapi

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/netip"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/domain"
)

// guestTrigger is trigger for a phone without an account. Nothing is asked of
// it: without a usable secret it is given one.
func (a api) guestTrigger(w http.ResponseWriter, r *http.Request) error {
	body, tooLarge := readTrigger(w, r)
	press, warnings := parseGuestPress(body)
	press.Guest.Address = a.networkOf(r)
	switch {
	case !a.Started():
		return domain.Unavailable(press, errStarting)
	case tooLarge:
		return errTriggerTooLarge
	}
	guest, fresh := guestOf(r)
	if fresh != "" {
		warnings = append(warnings, domain.Warning{
			Field: "Authorization", Code: domain.WarnGuestSecret,
			Message: "held no guest's secret; keep the guestSecret of this answer, it is the only way back to the call for help",
		})
	}
	key, keyWarnings := triggerKey(r)
	press.Reporter = guest
	return a.take(w, r, key, press, append(warnings, keyWarnings...), fresh)
}

// guestOf is who the request's secret stands for, or else a new guest with a
// new secret. It cannot be derived from the key of the request: keys are no
// secrets, and two phones may use the same.
func guestOf(r *http.Request) (guest domain.UserID, fresh string) {
	if scheme, secret, ok := token.FromHeader(r); ok && scheme == token.SchemeGuest {
		if guest, ok := domain.GuestID(secret); ok {
			return guest, ""
		}
	}
	const bytes = 32
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // never fails (Go 1.24)
	fresh = base64.RawURLEncoding.EncodeToString(raw)
	guest, _ = domain.GuestID(fresh)
	return guest, fresh
}

// parseGuestPress is parsePress with what a guest may say of themselves.
func parseGuestPress(body []byte) (domain.Press, []domain.Warning) {
	f := readFields(body)
	guest := &domain.Guest{Name: f.text("guestName", domain.MaxGuestName), Phone: f.text("guestPhone", domain.MaxGuestPhone)}
	p := f.press()
	p.Guest = guest
	return p, f.warnings
}

func (a api) networkOf(r *http.Request) string {
	return a.App.Links.Fingerprint(network(request.From(r.Context()).ClientIP))
}

// network is what a household or a phone has: an IPv4 address, or the 64 bits of an IPv6 one (RFC 4291 section 2.5.4).
func network(addr netip.Addr) string {
	addr = addr.Unmap()
	if !addr.IsValid() {
		return ""
	}
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// byReporter takes a valid access token or a guest's secret: what reporters do
// to their own calls for help.
func (a api) byReporter(next callerHandler) httpserver.Handler {
	signedIn := a.signedIn(next)
	guest := a.bounded(func(w http.ResponseWriter, r *http.Request) error {
		caller, err := a.identify(r.Context(), r)
		if err != nil {
			return err
		}
		return next(w, r, caller.Caller)
	})
	return func(w http.ResponseWriter, r *http.Request) error {
		if scheme, _, ok := token.FromHeader(r); ok && scheme == token.SchemeGuest {
			return guest(w, r)
		}
		return signedIn(w, r)
	}
}

func identifyGuest(secret string) (identified, error) {
	guest, ok := domain.GuestID(secret)
	if !ok {
		return identified{}, token.ErrUnauthenticated
	}
	return identified{Caller: domain.Caller{User: guest, EmergencyOnly: true}}, nil
}

func (a api) claim(w http.ResponseWriter, r *http.Request, caller domain.Caller) error {
	var body struct {
		GuestSecret string `json:"guestSecret"`
	}
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	claimed, err := a.App.Claim(r.Context(), caller.User, body.GuestSecret)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, struct {
		Claimed int `json:"claimed"`
	}{claimed})
}
