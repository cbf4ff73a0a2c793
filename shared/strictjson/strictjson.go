// Package strictjson decodes request bodies and leaves no room for two readings
// of the same bytes: whatever two parsers could understand differently is refused.
//
// Refused as 400 malformed_json: anything but one JSON value (RFC 8259),
// duplicate keys, a key that differs from a known one only in case, invalid
// UTF-8, NUL characters (PostgreSQL text cannot hold them), more than MaxDepth
// levels, numbers that no float64 holds, a top level of another kind than dst.
// Refused as 422 validation_failed naming each field: values of the wrong type.
// null leaves the zero value, as if the key were absent; only a pointer tells
// absent and null from zero. Unknown keys are ignored unless RejectUnknown is given.
package strictjson

import (
	"bytes"
	"errors"
	"io"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/loveapp/backend/shared/fault"
)

const (
	// MaxDepth is how many objects and arrays may be open at once.
	MaxDepth = 32
	// DefaultMaxBytes is the longest body that Decode reads.
	DefaultMaxBytes = 64 << 10
)

// Option changes what is accepted.
type Option func(*options)

type options struct {
	rejectUnknown bool
	optional      bool
	maxBytes      int64
}

// RejectUnknown answers keys that dst has no field for with 422 unknown_field, naming all of them.
func RejectUnknown() Option { return func(o *options) { o.rejectUnknown = true } }

// Optional lets a request without a body, and then without a Content-Type, pass; dst stays as it is.
func Optional() Option { return func(o *options) { o.optional = true } }

// MaxBytes replaces DefaultMaxBytes.
func MaxBytes(n int64) Option { return func(o *options) { o.maxBytes = n } }

func newOptions(opts []Option) options {
	o := options{maxBytes: DefaultMaxBytes}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// Unmarshal decodes data into dst, a pointer to a struct with ordinary json
// tags. Every error is a *fault.Error; most of them leave dst untouched.
func Unmarshal(data []byte, dst any, opts ...Option) error {
	return unmarshal(data, dst, newOptions(opts))
}

func unmarshal(data []byte, dst any, o options) error {
	target := reflect.ValueOf(dst)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fault.From(errors.New("strictjson: dst is no pointer to a value"))
	}
	if err := inspect(data, shapeOf(target.Type().Elem()), o); err != nil {
		return err
	}
	if err := json.Unmarshal(data, dst); err != nil {
		return unacceptable(err)
	}
	return nil
}

// inspect is the first pass: it judges every token against the shape of the
// destination, so that the second pass finds only what types themselves refuse.
func inspect(data []byte, s *shape, o options) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	w := walker{dec: dec, mayHoldNUL: bytes.Contains(data, []byte(`\u0000`)), rejectUnknown: o.rejectUnknown}
	if kind := dec.PeekKind(); s != nil && kind != 0 && !s.accepts(kind) {
		return errMalformed.WithDetail("The body must be " + s.name() + ".")
	}
	if err := w.value(s); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errMalformed.WithDetail("The body goes on after its JSON value.")
	}
	return w.verdict()
}
