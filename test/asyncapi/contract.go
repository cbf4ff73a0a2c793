// Package asyncapi reads the notification service's AsyncAPI file and holds
// what goes over sockets against it: a message that the file does not describe
// is a failed test.
package asyncapi

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pb33f/go-yaml"
	"github.com/pb33f/jsonschema/v6"
)

// Contract is the file, compiled.
type Contract struct {
	said, heard map[string]*jsonschema.Schema // by type: from clients, from the server
}

// document is what is needed of the file.
type document struct {
	Operations struct {
		Say, Hear struct {
			Messages []struct {
				Ref string `yaml:"$ref"`
			} `yaml:"messages"`
		}
	}
	Components struct {
		Messages map[string]struct{ Payload map[string]any }
	}
}

const (
	socketURL = "mem:///asyncapi.yaml"
	httpURL   = "mem:///openapi.yaml" // the socket's file refers to its schemas
)

// Load compiles the AsyncAPI document; openapi is the OpenAPI one beside it.
func Load(socket, openapi []byte) (*Contract, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for url, text := range map[string][]byte{socketURL: socket, httpURL: openapi} {
		var doc any
		if err := yaml.Unmarshal(text, &doc); err != nil {
			return nil, fmt.Errorf("read %s: %w", url, err)
		}
		if err := compiler.AddResource(url, plain(doc)); err != nil {
			return nil, fmt.Errorf("read %s: %w", url, err)
		}
	}
	var d document
	if err := yaml.Unmarshal(socket, &d); err != nil {
		return nil, fmt.Errorf("read %s: %w", socketURL, err)
	}
	c := &Contract{said: map[string]*jsonschema.Schema{}, heard: map[string]*jsonschema.Schema{}}
	for _, m := range d.Operations.Say.Messages {
		if err := c.add(compiler, d, m.Ref, c.said); err != nil {
			return nil, err
		}
	}
	for _, m := range d.Operations.Hear.Messages {
		if err := c.add(compiler, d, m.Ref, c.heard); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Contract) add(compiler *jsonschema.Compiler, d document, ref string, to map[string]*jsonschema.Schema) error {
	name := ref[strings.LastIndex(ref, "/")+1:]
	schema, err := compiler.Compile(socketURL + "#/components/messages/" + name + "/payload")
	if err != nil {
		return fmt.Errorf("the message %s: %w", name, err)
	}
	types := typesOf(d.Components.Messages[name].Payload)
	if len(types) == 0 {
		return fmt.Errorf("the message %s has no type", name)
	}
	for _, kind := range types {
		to[kind] = schema
	}
	return nil
}

// typesOf is what the property "type" may be, in any of the alternatives.
func typesOf(payload map[string]any) (types []string) {
	if alternatives, ok := payload["oneOf"].([]any); ok {
		for _, a := range alternatives {
			if schema, ok := a.(map[string]any); ok {
				types = append(types, typesOf(schema)...)
			}
		}
	}
	properties, _ := payload["properties"].(map[string]any)
	kind, _ := properties["type"].(map[string]any)
	if one, ok := kind["const"].(string); ok {
		types = append(types, one)
	}
	several, _ := kind["enum"].([]any)
	for _, one := range several {
		if text, ok := one.(string); ok {
			types = append(types, text)
		}
	}
	return types
}

// plain turns what YAML gives into what JSON would.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case map[any]any:
		named := map[string]any{}
		for key, value := range v {
			named[fmt.Sprint(key)] = plain(value)
		}
		return named
	case []any:
		for n, value := range v {
			v[n] = plain(value)
		}
	}
	return v
}

// Heard are the types of messages that the server may send; Said those of clients.
func (c *Contract) Heard() []string { return slices.Sorted(maps.Keys(c.heard)) }

// Said is Heard of the other side.
func (c *Contract) Said() []string { return slices.Sorted(maps.Keys(c.said)) }

// CheckHeard tells what is wrong with a message of the server.
func (c *Contract) CheckHeard(text []byte) error { return check(c.heard, text) }

// CheckSaid tells what is wrong with a message of a client.
func (c *Contract) CheckSaid(text []byte) error { return check(c.said, text) }

func check(schemas map[string]*jsonschema.Schema, text []byte) error {
	message, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("no JSON: %s", text)
	}
	object, _ := message.(map[string]any)
	kind, _ := object["type"].(string)
	schema, known := schemas[kind]
	if !known {
		return fmt.Errorf("no message of the type %q is described: %s", kind, text)
	}
	if err := schema.Validate(message); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}
