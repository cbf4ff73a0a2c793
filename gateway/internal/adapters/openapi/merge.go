package openapi

import (
	"maps"
	"slices"
	"strings"
)

// part is the document of one service.
type part struct {
	service string
	doc     tree
}

// merge puts the public routes of the parts beside those of own. Components get
// the name of their service, so that two of one name do not meet; security
// schemes do not, for a bearer token is the same everywhere.
func merge(own tree, parts []part, public func(method, path string) bool) tree {
	m := merger{doc: own, paths: child(own, "paths"), components: child(own, "components"), ids: make(map[string]bool)}
	for _, item := range m.paths {
		for _, op := range operations(item) {
			m.ids[text(op["operationId"])] = true
			op["tags"] = []any{"operations"}
		}
	}
	for _, p := range parts {
		m.add(p, public)
	}
	m.prune()
	m.describeTags(parts)
	return m.doc
}

type merger struct {
	doc, paths, components tree
	ids                    map[string]bool
}

func (m *merger) add(p part, public func(method, path string) bool) {
	rename(p)
	for path, item := range child(p.doc, "paths") {
		kept := maps.Clone(child(child(p.doc, "paths"), path))
		for method, op := range operations(item) {
			if !public(strings.ToUpper(method), path) {
				delete(kept, method)
				continue
			}
			m.settle(p, op)
		}
		if len(operations(kept)) > 0 {
			m.paths[path] = kept
		}
	}
	for kind := range child(p.doc, "components") {
		for name, component := range child(child(p.doc, "components"), kind) {
			m.put(kind, renamed(p.service, kind, name), component)
		}
	}
}

func (m *merger) put(kind, name string, component any) {
	if child(m.components, kind) == nil {
		m.components[kind] = tree{}
	}
	if _, taken := child(m.components, kind)[name]; !taken {
		child(m.components, kind)[name] = component
	}
}

// settle says in the operation what its document said for all.
func (m *merger) settle(p part, op tree) {
	if _, own := op["security"]; !own && p.doc["security"] != nil {
		op["security"] = p.doc["security"]
	}
	id := text(op["operationId"])
	if m.ids[id] {
		id = p.service + strings.ToUpper(id[:min(1, len(id))]) + id[min(1, len(id)):]
		op["operationId"] = id
	}
	m.ids[id] = true
}

// methods that an OpenAPI path item may describe.
var methods = []string{"get", "head", "post", "put", "patch", "delete", "options", "trace"}

// operations are those of a path item, by method.
func operations(item any) map[string]tree {
	found := make(map[string]tree)
	object, _ := item.(tree)
	for _, method := range methods {
		if op := child(object, method); op != nil {
			found[method] = op
		}
	}
	return found
}

const componentRef = "#/components/"

// rename points every reference of the part to its component's new name.
func rename(p part) {
	walk(p.doc, func(t tree) {
		for key, value := range t {
			if target, ok := value.(string); ok && strings.HasPrefix(target, componentRef) {
				kind, name, _ := strings.Cut(strings.TrimPrefix(target, componentRef), "/")
				t[key] = componentRef + kind + "/" + renamed(p.service, kind, name)
			}
		}
	})
}

func renamed(service, kind, name string) string {
	if kind == "securitySchemes" {
		return name
	}
	return service + "." + name
}

// prune drops the components that no route leads to: what is for other services only.
func (m *merger) prune() {
	reached := make(map[string]bool)
	m.reach(m.paths, reached)
	for kind := range m.components {
		if kind == "securitySchemes" {
			continue
		}
		maps.DeleteFunc(child(m.components, kind), func(name string, _ any) bool { return !reached[componentRef+kind+"/"+name] })
	}
	used := make(map[string]bool)
	walk(m.paths, func(t tree) {
		requirements, _ := t["security"].([]any)
		for _, r := range requirements {
			scheme, _ := r.(tree)
			for name := range scheme {
				used[name] = true
			}
		}
	})
	maps.DeleteFunc(child(m.components, "securitySchemes"), func(name string, _ any) bool { return !used[name] })
}

func (m *merger) reach(node any, reached map[string]bool) {
	walk(node, func(t tree) {
		for _, value := range t {
			target, ok := value.(string)
			if !ok || !strings.HasPrefix(target, componentRef) || reached[target] {
				continue
			}
			reached[target] = true
			kind, name, _ := strings.Cut(strings.TrimPrefix(target, componentRef), "/")
			m.reach(child(m.components, kind)[name], reached)
		}
	})
}

// describeTags keeps the descriptions of the tags that a route has.
func (m *merger) describeTags(parts []part) {
	used := make(map[string]bool)
	for _, item := range m.paths {
		for _, op := range operations(item) {
			for _, tag := range list(op["tags"]) {
				used[text(tag)] = true
			}
		}
	}
	tags := []any{}
	for _, doc := range slices.Concat([]tree{m.doc}, docs(parts)) {
		for _, tag := range list(doc["tags"]) {
			t, _ := tag.(tree)
			if name := text(t["name"]); used[name] {
				tags = append(tags, tag)
				delete(used, name)
			}
		}
	}
	m.doc["tags"] = tags
}

func docs(parts []part) []tree {
	all := make([]tree, 0, len(parts))
	for _, p := range parts {
		all = append(all, p.doc)
	}
	return all
}

func text(v any) string { s, _ := v.(string); return s }

func list(v any) []any { l, _ := v.([]any); return l }
