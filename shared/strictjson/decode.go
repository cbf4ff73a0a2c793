package strictjson

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"os"
	"strings"
)

// Decode reads the request's body into dst as Unmarshal does. Before that it
// answers 415 unsupported_media_type unless the body is application/json in
// UTF-8 and uncompressed, 413 payload_too_large beyond 64 KiB (MaxBytes), and
// 400 malformed_json for a body that is empty (see Optional) or breaks off,
// 408 request_timeout for one that the server's read time-out cuts short.
func Decode(w http.ResponseWriter, r *http.Request, dst any, opts ...Option) error {
	o := newOptions(opts)
	_, typed := r.Header["Content-Type"]
	if typed && !isJSON(r.Header) {
		return errMediaType
	}
	body, err := readBody(w, r, o.maxBytes)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		if o.optional {
			return nil
		}
		return errMalformed.WithDetail("The body is missing.")
	}
	if !typed {
		return errMediaType
	}
	return unmarshal(body, dst, o)
}

func isJSON(h http.Header) bool {
	types := h["Content-Type"]
	encodings := h["Content-Encoding"]
	if len(types) != 1 || len(encodings) > 1 || len(encodings) == 1 && !strings.EqualFold(encodings[0], "identity") {
		return false
	}
	mediaType, params, err := mime.ParseMediaType(types[0])
	if err != nil || mediaType != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

// readBody reads all of the body, at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > limit {
		w.Header().Set("Connection", "close") // rather than read what will not be used
		return nil, errTooLarge
	}
	var body bytes.Buffer
	if r.ContentLength > 0 {
		body.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	switch {
	case err == nil:
		return body.Bytes(), nil
	case isTooLarge(err):
		return nil, errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, errSlow
	default:
		return nil, errInterrupted
	}
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}
