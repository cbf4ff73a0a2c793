package app_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

func greeting(title string) domain.ProposedTemplate {
	return domain.ProposedTemplate{Name: "welcome", Texts: map[string]domain.TemplateText{"en": {Title: title, Body: "Body"}}}
}

func TestWhatIsWrittenIsReadOnEveryInstance(t *testing.T) {
	t.Parallel()
	w := newWorld()
	first, second := w.start(t, quick()), w.start(t, quick())
	if _, err := first.WriteTemplate(t.Context(), greeting("Hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := second.WriteTemplate(t.Context(), greeting("Hello")); err != nil {
		t.Errorf("the repeat on another instance: %v", err)
	}
	if _, err := second.WriteTemplate(t.Context(), greeting("Hi")); !errors.Is(err, domain.ErrTemplateExists) {
		t.Errorf("other words: %v", err)
	}
	if got, err := second.Template(t.Context(), "welcome"); err != nil || got.Texts["en"].Title != "Hello" {
		t.Errorf("read %+v, %v", got, err)
	}
}

// Pages stay right while others write and delete: nothing twice, and nothing
// left out that was there all the time.
func TestPagesOfTemplatesMissNothingThatStays(t *testing.T) {
	t.Parallel()
	w := newWorld()
	i := w.start(t, quick())
	write := func(name string) {
		p := greeting("Hello")
		p.Name = name
		if _, err := i.WriteTemplate(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		write(fmt.Sprintf("kept%02d", n))
		write(fmt.Sprintf("gone%02d", n))
	}
	var names []string
	after, more := domain.TemplateName(""), true
	for n := 0; more; n++ {
		var page []domain.Template
		var err error
		page, more, err = i.Templates(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, made := range page {
			names, after = append(names, string(made.Name)), made.Name
		}
		if n < 20 {
			write(fmt.Sprintf("new%02d", n))
			if err := i.DeleteTemplate(t.Context(), domain.TemplateName(fmt.Sprintf("gone%02d", n))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("out of order or twice: %v", names)
	}
	for n := range 20 {
		if !slices.Contains(names, fmt.Sprintf("kept%02d", n)) {
			t.Errorf("kept%02d is missing from %v", n, names)
		}
	}
}
