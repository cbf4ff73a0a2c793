package strictjson

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// shape is what the JSON of a Go type may look like. nil is any JSON at all:
// types that decode themselves, and interfaces.
type shape struct {
	kind   jsontext.Kind     // of the only token that may start it; 't' stands for both booleans
	bits   int               // size of an integer, else 0
	signed bool              // of an integer
	fields map[string]*shape // of a struct
	names  []string          // the same keys, for the search that ignores case
	open   bool              // an object that takes any key: a map
	elem   *shape            // of a list or map
}

func (s *shape) accepts(kind jsontext.Kind) bool {
	return kind == s.kind || kind == 'f' && s.kind == 't'
}

// name is what a person calls the value that is missing.
func (s *shape) name() string {
	switch {
	case s.bits > 0:
		return "a whole number"
	case s.kind == '{':
		return "an object"
	case s.kind == '[':
		return "a list"
	case s.kind == '"':
		return "text"
	case s.kind == '0':
		return "a number"
	default:
		return "true or false"
	}
}

// misspelt tells whether key is a known one in the wrong case: the classic way
// past a filter that compares exactly and into a decoder that does not ("RoLe").
func (s *shape) misspelt(key string) bool {
	return slices.ContainsFunc(s.names, func(name string) bool { return strings.EqualFold(name, key) })
}

// shapes remembers finished shapes by reflect.Type; there are as many as request types.
var shapes sync.Map

func shapeOf(t reflect.Type) *shape {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape) //nolint:forcetypeassert // nothing else is stored
	}
	s := drawing{}.of(t)
	shapes.Store(t, s)
	return s
}

// drawing holds the shapes of one walk over a type, so that recursive types end.
type drawing map[reflect.Type]*shape

var (
	timeType         = reflect.TypeFor[time.Time]()
	jsonUnmarshaler  = reflect.TypeFor[json.Unmarshaler]()
	jsonFromDecoder  = reflect.TypeFor[json.UnmarshalerFrom]()
	textUnmarshaler  = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType     = reflect.TypeFor[time.Duration]()
	embeddedFallback = reflect.TypeFor[jsontext.Value]()
)

func (d drawing) of(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s, ok := d[t]; ok {
		return s
	}
	switch {
	case t == timeType:
		return &shape{kind: '"'}
	case t == durationType, decodesItself(reflect.PointerTo(t)):
		return nil
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return &shape{kind: '"'}
	}
	return d.ofKind(t)
}

func decodesItself(pointer reflect.Type) bool {
	return pointer.Implements(jsonUnmarshaler) || pointer.Implements(jsonFromDecoder)
}

func (d drawing) ofKind(t reflect.Type) *shape {
	switch t.Kind() {
	case reflect.Bool:
		return &shape{kind: 't'}
	case reflect.String:
		return &shape{kind: '"'}
	case reflect.Float32, reflect.Float64:
		return &shape{kind: '0'}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &shape{kind: '0', bits: t.Bits(), signed: true}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return &shape{kind: '0', bits: t.Bits()}
	case reflect.Slice, reflect.Array:
		return d.ofList(t)
	case reflect.Map:
		s := &shape{kind: '{', open: true}
		d[t] = s
		s.elem = d.of(t.Elem())
		return s
	case reflect.Struct:
		s := &shape{kind: '{', fields: map[string]*shape{}}
		d[t] = s
		d.addFields(s, t)
		for name := range s.fields {
			s.names = append(s.names, name)
		}
		return s
	default:
		return nil
	}
}

func (d drawing) ofList(t reflect.Type) *shape {
	if t.Elem().Kind() == reflect.Uint8 {
		return &shape{kind: '"'} // base64
	}
	s := &shape{kind: '['}
	d[t] = s
	s.elem = d.of(t.Elem())
	return s
}
