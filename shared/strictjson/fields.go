package strictjson

import (
	"reflect"
	"slices"
	"strings"
)

// addFields follows the rules of encoding/json: exported fields by tag or name,
// embedded structs promoted, the shallower field wins.
func (d drawing) addFields(s *shape, t reflect.Type) {
	var embedded []reflect.Type
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("json")
		name, rest, _ := strings.Cut(tag, ",")
		opts := strings.Split(rest, ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tagged && tag == "-", !f.IsExported() && !f.Anonymous:
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct, slices.Contains(opts, "embed"):
			embedded = append(embedded, inner)
		case slices.Contains(opts, "string"):
			s.fields[name] = nil // a number in quotes
		default:
			if name == "" {
				name = f.Name
			}
			s.fields[name] = d.of(f.Type)
		}
	}
	for _, inner := range embedded {
		if inner == embeddedFallback || inner.Kind() == reflect.Map {
			s.open = true
			continue
		}
		deeper := &shape{fields: map[string]*shape{}}
		d.addFields(deeper, inner)
		s.open = s.open || deeper.open
		for name, field := range deeper.fields {
			if _, taken := s.fields[name]; !taken {
				s.fields[name] = field
			}
		}
	}
}
