package strictjson

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/loveapp/backend/shared/fault"
)

var (
	errMalformed   = fault.New(fault.Malformed, "malformed_json", "The body is not well-formed JSON.")
	errUnknown     = fault.New(fault.Invalid, "unknown_field", "Some fields are not known here.")
	errTooLarge    = fault.New(fault.TooLarge, "payload_too_large", "The body is too large.")
	errMediaType   = fault.New(fault.UnsupportedMedia, "unsupported_media_type", "The body must be sent as application/json in UTF-8, uncompressed.")
	errSlow        = fault.New(fault.RequestTimeout, "request_timeout", "The body came too slowly.")
	errInterrupted = errMalformed.WithDetail("The body ended before it was complete.")
)

// syntax turns the parser's error into a place; its text quotes the body and stays here.
func syntax(err error) error {
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return errMalformed.WithDetail("A key is given twice in one object.")
	case errors.Is(err, jsontext.ErrNonStringName):
		return errMalformed.WithDetail("A key is not a string.")
	}
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return errMalformed.WithDetail(fmt.Sprintf("The body is not well-formed JSON at byte %d.", s.ByteOffset))
	}
	return errMalformed // io.EOF: nothing but white space
}

// unacceptable turns what a type refused in the second pass into the field it stood in.
func unacceptable(err error) error {
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return syntax(err)
	}
	path := pointerPath(semantic.JSONPointer)
	if errors.Is(err, strconv.ErrRange) {
		return fault.NewInvalid(fault.Field{Field: path, Code: "out_of_range", Message: "is too large or too small"})
	}
	return fault.NewInvalid(fault.Field{Field: path, Code: "invalid_format", Message: "does not have the expected form"})
}
