package openapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed page.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// The page is made here and needs no script: nothing of it can be turned
// against its reader, and no other site is told who reads.
type page struct {
	Title, Version, Description string
	Groups                      []group
	Components                  []component
}

type group struct {
	Name, Description string
	Operations        []operation
}

type operation struct {
	Anchor, Method, Path, Summary, Description string
	Credentials                                string
	Parts                                      []component // parameters, body, answers
}

// component is a named piece of the document, written as YAML.
type component struct {
	Anchor, Name, Text string
	Refs               []string // the components it speaks of
}

func render(doc tree) ([]byte, error) {
	info := child(doc, "info")
	p := page{Title: text(info["title"]), Version: text(info["version"]), Description: text(info["description"])}
	byTag := make(map[string]int)
	for _, tag := range list(doc["tags"]) {
		t, _ := tag.(tree)
		byTag[text(t["name"])] = len(p.Groups)
		p.Groups = append(p.Groups, group{Name: text(t["name"]), Description: text(t["description"])})
	}
	p.Groups = append(p.Groups, group{Name: "other"})
	paths := child(doc, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range methods {
			op := child(child(paths, path), method)
			if op == nil {
				continue
			}
			at := len(p.Groups) - 1
			if tags := list(op["tags"]); len(tags) > 0 {
				if known, ok := byTag[text(tags[0])]; ok {
					at = known
				}
			}
			p.Groups[at].Operations = append(p.Groups[at].Operations, describe(method, path, child(paths, path), op))
		}
	}
	p.Groups = slices.DeleteFunc(p.Groups, func(g group) bool { return len(g.Operations) == 0 })
	p.Components = describeComponents(child(doc, "components"))
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return out.Bytes(), nil
}

func describe(method, path string, item, op tree) operation {
	o := operation{
		Anchor: text(op["operationId"]), Method: strings.ToUpper(method), Path: path,
		Summary: text(op["summary"]), Description: text(op["description"]), Credentials: credentials(op),
	}
	parameters := slices.Concat(list(item["parameters"]), list(op["parameters"]))
	if len(parameters) > 0 {
		o.Parts = append(o.Parts, written("", "parameters", parameters))
	}
	if body := op["requestBody"]; body != nil {
		o.Parts = append(o.Parts, written("", "body", body))
	}
	answers := child(op, "responses")
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		o.Parts = append(o.Parts, written("", status, answers[status]))
	}
	return o
}

// credentials are the names of the ways to sign in, "none" where nobody asks.
func credentials(op tree) string {
	var names []string
	for _, requirement := range list(op["security"]) {
		r, _ := requirement.(tree)
		if len(r) == 0 {
			names = append(names, "none")
		}
		names = append(names, slices.Sorted(maps.Keys(r))...)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " or ")
}

func describeComponents(components tree) []component {
	var all []component
	for _, kind := range slices.Sorted(maps.Keys(components)) {
		for _, name := range slices.Sorted(maps.Keys(child(components, kind))) {
			all = append(all, written(kind+"/"+name, kind+" "+name, child(components, kind)[name]))
		}
	}
	return all
}

func written(anchor, name string, node any) component {
	c := component{Anchor: anchor, Name: name}
	walk(node, func(t tree) {
		if ref, ok := strings.CutPrefix(text(t["$ref"]), componentRef); ok {
			c.Refs = append(c.Refs, ref)
		}
	})
	slices.Sort(c.Refs)
	c.Refs = slices.Compact(c.Refs)
	encoded, err := yaml.Marshal(node)
	if err != nil { // it was YAML a moment ago
		encoded = []byte(err.Error())
	}
	c.Text = strings.TrimSpace(string(encoded))
	return c
}

// PagePolicy is the Content-Security-Policy under which the page works: its one
// style sheet, known by its hash, and nothing else.
func PagePolicy() string {
	_, rest, _ := strings.Cut(pageText, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
