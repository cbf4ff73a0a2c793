package domain

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// The words that the backend itself uses. An administrator may replace them.
//
//go:embed templates/*.json
var builtIn embed.FS

type builtInTemplate struct {
	Variables []string `json:"variables"`
	Optional  []string `json:"optionalVariables"`
	Texts     map[string]struct {
		Title string `json:"title"`
		Body  string `json:"body"`
	} `json:"texts"`
}

// BuiltInTemplates gives the words that come with the program, ordered by name.
func BuiltInTemplates() ([]Template, error) {
	files, err := fs.Glob(builtIn, "templates/*.json")
	if err != nil {
		return nil, err
	}
	var all []Template
	for _, file := range files {
		t, err := readBuiltIn(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, t)
	}
	return all, nil
}

func readBuiltIn(file string) (Template, error) {
	source, err := builtIn.ReadFile(file)
	if err != nil {
		return Template{}, err
	}
	var read builtInTemplate
	if err := json.Unmarshal(source, &read); err != nil {
		return Template{}, err
	}
	p := ProposedTemplate{
		Name:      strings.TrimSuffix(strings.TrimPrefix(file, "templates/"), ".json"),
		Variables: read.Variables, Optional: read.Optional, Texts: map[string]TemplateText{},
	}
	for locale, text := range read.Texts {
		p.Texts[locale] = TemplateText(text)
	}
	t, wrong := NewTemplate(p)
	if len(wrong) > 0 {
		return Template{}, fmt.Errorf("%s: %s", wrong[0].Field, wrong[0].Message)
	}
	t.BuiltIn = true
	return t, nil
}
