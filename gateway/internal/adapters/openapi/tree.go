package openapi

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// tree is one object of a document, as encoding/json would read it.
type tree = map[string]any

var errNoObject = errors.New("a document must be an object whose keys are text")

// parse reads YAML, of which JSON is a part.
func parse(text []byte) (tree, error) {
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read a document: %w", err)
	}
	root, ok := textual(doc).(tree)
	if !ok {
		return nil, errNoObject
	}
	return root, nil
}

// textual turns keys that YAML reads as numbers, such as a status, into text.
func textual(node any) any {
	switch n := node.(type) {
	case map[any]any:
		object := make(tree, len(n))
		for key, value := range n {
			object[fmt.Sprint(key)] = textual(value)
		}
		return object
	case tree:
		for key, value := range n {
			n[key] = textual(value)
		}
	case []any:
		for i, value := range n {
			n[i] = textual(value)
		}
	}
	return node
}

// child is the object below a key, empty where there is none.
func child(t tree, key string) tree {
	object, _ := t[key].(tree)
	return object
}

// walk shows every object of the tree, the outer ones first.
func walk(node any, visit func(tree)) {
	switch n := node.(type) {
	case tree:
		visit(n)
		for _, value := range n {
			walk(value, visit)
		}
	case []any:
		for _, value := range n {
			walk(value, visit)
		}
	}
}
