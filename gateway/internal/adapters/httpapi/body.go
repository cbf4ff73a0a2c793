package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/loveapp/backend/shared/fault"
)

var (
	errTooLarge = fault.New(fault.TooLarge, "payload_too_large", "The body is too large.")
	errSlow     = fault.New(fault.RequestTimeout, "request_timeout", "The body came too slowly.")
	errBody     = fault.New(fault.Malformed, "malformed_request", "The body does not follow HTTP's framing.")
)

// readBody takes the whole body into memory: it is small, a slow sender then
// holds no connection to a service, and it can be sent again where that is safe.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) error {
	if r.ContentLength == 0 {
		return nil
	}
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close") // rather than read what nobody wants
		return errTooLarge
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, limit), r.ContentLength)
	if err != nil {
		w.Header().Set("Connection", "close")
		return bodyFault(r, err)
	}
	recorded(r.Context()).resume()
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
	r.ContentLength, r.TransferEncoding, r.Trailer = int64(len(body)), nil, nil
	return nil
}

func readAll(from io.Reader, length int64) ([]byte, error) {
	if length < 0 {
		return io.ReadAll(from)
	}
	body := make([]byte, length)
	_, err := io.ReadFull(from, body)
	return body, err
}

func bodyFault(r *http.Request, err error) error {
	switch _, large := errors.AsType[*http.MaxBytesError](err); {
	case large:
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	case r.Context().Err() != nil:
		return r.Context().Err()
	default:
		return errBody.WithCause(err)
	}
}
