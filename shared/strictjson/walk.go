package strictjson

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/loveapp/backend/shared/fault"
)

// maxNamed bounds the answer: a body of the largest size holds thousands of unknown keys.
const maxNamed = 64

// walker reads every token once. It stops at what makes the body malformed and
// collects what is merely wrong.
type walker struct {
	dec           *jsontext.Decoder
	mayHoldNUL    bool // the body holds the only escape that makes a NUL character; a raw one is a syntax error
	rejectUnknown bool
	unknown       []fault.Field
	wrong         []fault.Field
}

// verdict: the client's mistake about which fields there are comes before what is in them.
func (w *walker) verdict() error {
	if len(w.unknown) > 0 {
		e := errUnknown.WithDetail(errUnknown.Detail)
		e.Fields = w.unknown
		return e
	}
	if len(w.wrong) > 0 {
		return fault.NewInvalid(w.wrong...)
	}
	return nil
}

func (w *walker) value(s *shape) error {
	token, err := w.dec.ReadToken()
	if err != nil {
		return syntax(err)
	}
	kind := token.Kind()
	if s != nil && kind != 'n' && !s.accepts(kind) {
		w.reject("invalid_type", "must be "+s.name())
		s = nil
	}
	switch kind {
	case '{':
		return w.object(s)
	case '[':
		return w.list(s)
	case '"':
		return w.text(token)
	case '0':
		return w.number(token, s)
	default:
		return nil
	}
}

func (w *walker) object(s *shape) error {
	if err := w.tooDeep(); err != nil {
		return err
	}
	for w.dec.PeekKind() != '}' {
		name, err := w.dec.ReadToken()
		if err != nil {
			return syntax(err)
		}
		if err := w.text(name); err != nil {
			return err
		}
		field, err := w.field(s, name)
		if err != nil {
			return err
		}
		if err := w.value(field); err != nil {
			return err
		}
	}
	return w.end()
}

// field finds the shape of the value that follows name.
func (w *walker) field(s *shape, name jsontext.Token) (*shape, error) {
	if s == nil {
		return nil, nil
	}
	key := name.String()
	if field, ok := s.fields[key]; ok {
		return field, nil
	}
	if s.misspelt(key) {
		return nil, errMalformed.WithDetail("A key is spelt in the wrong case.")
	}
	if s.open {
		return s.elem, nil
	}
	if w.rejectUnknown && len(w.unknown) < maxNamed {
		w.unknown = append(w.unknown, fault.Field{Field: w.path(), Code: "unknown_field", Message: "is not known here"})
	}
	return nil, nil
}

func (w *walker) list(s *shape) error {
	if err := w.tooDeep(); err != nil {
		return err
	}
	var elem *shape
	if s != nil {
		elem = s.elem
	}
	for w.dec.PeekKind() != ']' {
		if err := w.value(elem); err != nil {
			return err
		}
	}
	return w.end()
}

func (w *walker) end() error {
	if _, err := w.dec.ReadToken(); err != nil {
		return syntax(err)
	}
	return nil
}

func (w *walker) tooDeep() error {
	if w.dec.StackDepth() > MaxDepth {
		return errMalformed.WithDetail("The body is nested more than " + strconv.Itoa(MaxDepth) + " levels deep.")
	}
	return nil
}

func (w *walker) text(token jsontext.Token) error {
	if w.mayHoldNUL && strings.ContainsRune(token.String(), 0) {
		return errMalformed.WithDetail("The body holds a NUL character.")
	}
	return nil
}

// longestPlain is how many digits a float64 always holds: its largest value has 309.
const longestPlain = 308

func (w *walker) number(token jsontext.Token, s *shape) error {
	digits := token.String()
	fractional := strings.ContainsAny(digits, ".eE")
	if len(digits) > longestPlain || fractional {
		if _, err := strconv.ParseFloat(digits, 64); err != nil {
			return errMalformed.WithDetail("The body holds a number beyond what a double can hold.")
		}
	}
	switch {
	case s == nil || s.bits == 0:
	case fractional:
		w.reject("invalid_type", "must be a whole number")
	case !s.holds(digits):
		w.reject("out_of_range", "is too large or too small")
	}
	return nil
}

func (s *shape) holds(digits string) bool {
	var err error
	if s.signed {
		_, err = strconv.ParseInt(digits, 10, s.bits)
	} else {
		_, err = strconv.ParseUint(digits, 10, s.bits)
	}
	return err == nil
}

func (w *walker) reject(code, message string) {
	if len(w.wrong) < maxNamed {
		w.wrong = append(w.wrong, fault.Field{Field: w.path(), Code: code, Message: message})
	}
}
