package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// maxCallEvent is far above what a provider says of a call.
	maxCallEvent = 16 << 10
	formType     = "application/x-www-form-urlencoded"
)

var (
	errNoForm       = fault.New(fault.UnsupportedMedia, "unsupported_media_type", "Send a form.")
	errFormTooLarge = fault.New(fault.TooLarge, "payload_too_large", "The body is larger than a call's event can be.")
	errBadForm      = fault.New(fault.Malformed, "malformed_form", "The form cannot be read.")
)

// callEvents takes what the provider of calls says; its signature is all that
// tells who it is, so the form is taken as it came.
func (a api) callEvents(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	signed := ports.SignedEvent{Path: r.URL.Path, Query: r.URL.RawQuery, Form: form, Signature: r.Header.Get("X-Twilio-Signature")}
	if err := a.App.HearCall(r.Context(), signed); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != formType {
		return nil, errNoForm
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallEvent))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, errFormTooLarge
	}
	if err != nil {
		return nil, errBadForm.WithCause(err)
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, errBadForm.WithCause(err)
	}
	return form, nil
}
