package openapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Operation is one route as its file describes it.
type Operation struct {
	Service string
	Method  string
	Path    string // with {parameters}
	// Secured: nobody gets in without a credential.
	Secured bool
	// Internal: for other services and operators; the gateway has no route to it.
	Internal bool
	Body     *Body // nil where the route takes none
	// Answers are the documented statuses, as written: "201", "default".
	Answers []string
}

// Body is what a route takes.
type Body struct {
	Required   bool
	MediaTypes []string
	Fields     []string // of the top level, in order of name
}

// Name is "POST /v1/things/{id}".
func (o Operation) Name() string { return o.Method + " " + o.Path }

// Parameters are the names in the path.
func (o Operation) Parameters() []string {
	var names []string
	for part := range strings.SplitSeq(o.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// At gives the path with every parameter replaced by value.
func (o Operation) At(value string) string {
	parts := strings.Split(o.Path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = value
		}
	}
	return strings.Join(parts, "/")
}

// Operations are all routes of all files, in order of path and method.
func (c *Contract) Operations() []Operation {
	var all []Operation
	for _, f := range c.files {
		for path, item := range f.model.Paths.PathItems.FromOldest() {
			for method, op := range item.GetOperations().FromOldest() {
				all = append(all, f.operation(path, strings.ToUpper(method), op))
			}
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return all
}

// Methods are those of the operations, by path; HEAD stands beside every GET.
func Methods(all []Operation) map[string][]string {
	methods := map[string][]string{}
	for _, o := range all {
		methods[o.Path] = append(methods[o.Path], o.Method)
		if o.Method == http.MethodGet {
			methods[o.Path] = append(methods[o.Path], http.MethodHead)
		}
	}
	return methods
}

func (f *file) operation(path, method string, op *v3.Operation) Operation {
	o := Operation{Service: f.service, Method: method, Path: path, Secured: f.secured(op), Internal: internal(op), Body: body(op.RequestBody)}
	if op.Responses != nil {
		for status := range op.Responses.Codes.FromOldest() {
			o.Answers = append(o.Answers, status)
		}
		if op.Responses.Default != nil {
			o.Answers = append(o.Answers, "default")
		}
	}
	return o
}

// secured: an operation without security of its own has the document's; {} in the list means "or nothing".
func (f *file) secured(op *v3.Operation) bool {
	security := op.Security
	if security == nil {
		security = f.model.Security
	}
	for _, requirement := range security {
		if requirement.ContainsEmptyRequirement || requirement.Requirements == nil || requirement.Requirements.Len() == 0 {
			return false
		}
	}
	return len(security) > 0
}

func body(b *v3.RequestBody) *Body {
	if b == nil || b.Content == nil {
		return nil
	}
	read := &Body{Required: b.Required != nil && *b.Required}
	fields := map[string]bool{}
	for mediaType, media := range b.Content.FromOldest() {
		read.MediaTypes = append(read.MediaTypes, mediaType)
		if media.Schema == nil {
			continue
		}
		for _, s := range append(media.Schema.Schema().AllOf, media.Schema) {
			if properties := s.Schema().Properties; properties != nil {
				for name := range properties.FromOldest() {
					fields[name] = true
				}
			}
		}
	}
	read.Fields = slices.Sorted(maps.Keys(fields))
	return read
}
