package portstest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// Templates tests an adapter of ports.Templates.
func Templates(t *testing.T, open func(*testing.T) ports.Templates) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Templates){
		"a template is read as it was written":        templateAsWritten,
		"a template that is not there is not found":   templateNotFound,
		"a name is taken once":                        templateOnce,
		"of many who take a name at once one gets it": templateRace,
		"a template can be replaced":                  templateReplaced,
		"templates are listed by name, in pages":      templatesListed,
		"there are no more templates than the limit":  templateLimit,
	})
}

func newTemplate(name, title string) domain.Template {
	return domain.Template{
		Name: domain.TemplateName(name), Variables: []string{"name", "City_2"}, Optional: []string{"x"},
		Texts: map[domain.Locale]domain.TemplateText{
			"en":    {Title: title, Body: "it's {{.name}}\n\"quoted\" \\ <b>&amp;</b>"},
			"fr-CA": {Title: "Ünïcödé 🚑", Body: "{{if .x}}é{{end}}"},
		},
	}
}

func create(t *testing.T, s ports.Templates, made domain.Template) domain.Template {
	t.Helper()
	made, err := s.Create(t.Context(), made)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return made
}

func wantTemplate(t *testing.T, s ports.Templates, want domain.Template) {
	t.Helper()
	got, err := s.Get(t.Context(), want.Name)
	if err != nil || !got.SameWords(want) || got.BuiltIn || time.Since(got.UpdatedAt).Abs() > time.Hour {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func templateAsWritten(t *testing.T, s ports.Templates) {
	made := newTemplate("a", "title")
	made.BuiltIn = true // one that is replaced
	if written := create(t, s, made); !written.SameWords(made) || written.BuiltIn || written.UpdatedAt.IsZero() {
		t.Errorf("written %+v", written)
	}
	wantTemplate(t, s, made)
}

func templateNotFound(t *testing.T, s ports.Templates) {
	create(t, s, newTemplate("b", "b"))
	if _, err := s.Get(t.Context(), "a"); !errors.Is(err, domain.ErrTemplateNotFound) {
		t.Errorf("get: %v", err)
	}
	if err := s.Delete(t.Context(), "a"); !errors.Is(err, domain.ErrTemplateNotFound) {
		t.Errorf("delete: %v", err)
	}
	if err := s.Delete(t.Context(), "b"); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := s.Get(t.Context(), "b"); !errors.Is(err, domain.ErrTemplateNotFound) {
		t.Errorf("get what was deleted: %v", err)
	}
	create(t, s, newTemplate("b", "again"))
}

func templateOnce(t *testing.T, s ports.Templates) {
	first := newTemplate("a", "first")
	create(t, s, first)
	if _, err := s.Create(t.Context(), newTemplate("a", "second")); !errors.Is(err, domain.ErrTemplateExists) {
		t.Errorf("created twice: %v", err)
	}
	wantTemplate(t, s, first)
}

func templateRace(t *testing.T, s ports.Templates) {
	var made atomic.Int32
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			switch _, err := s.Create(t.Context(), newTemplate("a", fmt.Sprint(i))); {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, domain.ErrTemplateExists):
				t.Errorf("create: %v", err)
			}
		})
	}
	group.Wait()
	if made.Load() != 1 {
		t.Errorf("%d were made", made.Load())
	}
}

func templateReplaced(t *testing.T, s ports.Templates) {
	other := newTemplate("b", "other")
	create(t, s, other)
	for _, title := range []string{"first", "second"} { // the first one is new
		made := newTemplate("a", title)
		if written, err := s.Put(t.Context(), made); err != nil || !written.SameWords(made) {
			t.Errorf("put: %+v, %v", written, err)
		}
		wantTemplate(t, s, made)
	}
	wantTemplate(t, s, other)
}

func templatesListed(t *testing.T, s ports.Templates) {
	for _, name := range []string{"c", "a", "b_x", "b.x", "b-x", "bx"} {
		create(t, s, newTemplate(name, name))
	}
	var names []string
	for after := domain.TemplateName(""); ; {
		page, err := s.List(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, made := range page {
			names = append(names, string(made.Name))
			after = made.Name
		}
		if len(page) < 2 {
			break
		}
	}
	if got := fmt.Sprint(names); got != "[a b-x b.x b_x bx c]" {
		t.Errorf("listed %s", got)
	}
}

func templateLimit(t *testing.T, s ports.Templates) {
	for i := range domain.MaxTemplates {
		create(t, s, newTemplate(fmt.Sprintf("t%d", i), "t"))
	}
	if _, err := s.Create(t.Context(), newTemplate("one-more", "t")); !errors.Is(err, domain.ErrTemplateLimit) {
		t.Errorf("create: %v", err)
	}
	if _, err := s.Put(t.Context(), newTemplate("one-more", "t")); !errors.Is(err, domain.ErrTemplateLimit) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Put(t.Context(), newTemplate("t7", "u")); err != nil {
		t.Errorf("replace: %v", err)
	}
}
