package httpapi

import (
	"errors"
	"io"
	"net/http"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// maxTrigger is the one thing that a trigger is refused for beside the
// identity: nobody describes an emergency in more.
const maxTrigger = 16 << 10

var errTriggerTooLarge = fault.New(fault.TooLarge, "payload_too_large", "A call for help has at most 16 KiB.")

type triggered struct {
	Ticket           ticketJSON            `json:"ticket"`
	Durability       string                `json:"durability"`
	EmergencyNumbers []emergencyNumberJSON `json:"emergencyNumbers"`
	ContactsNotified int                   `json:"contactsNotified"`
	Warnings         []warningJSON         `json:"warnings"`
	GuestSecret      string                `json:"guestSecret,omitempty"` // a new guest's
}

type warningJSON struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// trigger reads the body before it looks at who is calling: should the keys be
// out of reach, what to dial follows from the body.
func (a api) trigger(w http.ResponseWriter, r *http.Request) error {
	body, tooLarge := readTrigger(w, r)
	press, warnings := parsePress(body)
	caller, err := a.identify(r.Context(), r)
	switch {
	case err == nil && !a.Started():
		err = errStarting
	case err == nil && tooLarge:
		err = errTriggerTooLarge
	}
	if fault.From(err) != nil && fault.From(err).Kind == fault.Unavailable {
		return domain.Unavailable(press, err)
	}
	if err != nil {
		return err
	}
	if caller.expired {
		warnings = append(warnings, domain.Warning{Field: "Authorization", Code: domain.WarnTokenExpired, Message: "has expired; it counts here, refresh it"})
	}
	key, keyWarnings := triggerKey(r)
	press.Reporter = caller.User
	if caller.User.Guest() { // on the wrong path, and in need all the same
		press.Guest = &domain.Guest{Address: a.networkOf(r)}
	}
	return a.take(w, r, key, press, append(warnings, keyWarnings...), "")
}

func (a api) take(w http.ResponseWriter, r *http.Request, key string, press domain.Press, warnings []domain.Warning, guestSecret string) error {
	result, err := a.App.Trigger(r.Context(), key, press)
	if err != nil {
		return err
	}
	answer := triggered{
		Ticket: ticketOf(result.Ticket), Durability: string(result.Durability), ContactsNotified: result.ContactsNotified,
		EmergencyNumbers: emergencyNumbersOf(result.Numbers), Warnings: []warningJSON{}, GuestSecret: guestSecret,
	}
	for _, warning := range append(warnings, result.Warnings...) {
		answer.Warnings = append(answer.Warnings, warningJSON(warning))
	}
	if result.Durability == domain.Unconfirmed {
		w.Header().Set("Retry-After", retryUnconfirmed)
	}
	return httpserver.WriteJSON(w, statusOf(result), answer)
}

// retryUnconfirmed is in seconds: with the same key, until it is confirmed.
const retryUnconfirmed = "1"

// statusOf: a press that has joined an open ticket is 200 whatever it survives,
// which the body says; an unconfirmed one brings Retry-After as well.
func statusOf(result app.Triggered) int {
	switch {
	case result.Merged:
		return http.StatusOK
	case result.Durability == domain.Unconfirmed:
		return http.StatusAccepted
	default:
		return http.StatusCreated
	}
}

// readTrigger gives what could be read: half a body is no reason to refuse.
func readTrigger(w http.ResponseWriter, r *http.Request) (body []byte, tooLarge bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTrigger))
	_, tooLarge = errors.AsType[*http.MaxBytesError](err)
	return body, tooLarge
}

// triggerKey: a bad or missing key costs the protection against pressing twice, not the alarm.
func triggerKey(r *http.Request) (string, []domain.Warning) {
	values := r.Header.Values("Idempotency-Key")
	switch {
	case len(values) == 0:
		return "", []domain.Warning{{Field: idempotencyKey, Code: domain.WarnMissing, Message: "is missing: sent again, this request may count twice"}}
	case len(values) > 1 || !validKey(values[0]):
		return "", []domain.Warning{{Field: idempotencyKey, Code: domain.WarnInvalidKey, Message: "must be one of 1 to 255 visible ASCII characters; it was not used"}}
	}
	return values[0], nil
}
