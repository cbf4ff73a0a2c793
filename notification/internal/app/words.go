package app

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// wordsAge is how long after a template was changed the old words may be used
// by other instances. A database that is away leaves the last words known.
const wordsAge = 5 * time.Second

// words remember what administrators have written: every message looks there.
type words struct {
	mu      sync.Mutex
	at      time.Time
	byName  map[domain.TemplateName]domain.Template
	reading bool
}

// forget has the next look read anew.
func (w *words) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = time.Time{}
}

// stale tells whether the caller is to read; one at a time does.
func (w *words) stale(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reading || now.Sub(w.at) < wordsAge {
		return false
	}
	w.reading = true
	return true
}

func (w *words) learn(byName map[domain.TemplateName]domain.Template, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reading, w.at = false, now
	if byName != nil {
		w.byName = byName
	}
}

func (w *words) of(name domain.TemplateName) (domain.Template, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, ok := w.byName[name]
	return t, ok
}

// templateFor gives the words for a kind of notification, if there are any.
func (a *App) templateFor(ctx context.Context, kind string) (domain.Template, bool) {
	name, ok := domain.ParseTemplateName(kind)
	if !ok {
		return domain.Template{}, false
	}
	if now := a.now(); a.words.stale(now) {
		a.words.learn(a.readWords(ctx), now)
	}
	if t, ok := a.words.of(name); ok {
		return t, true
	}
	return a.ownTemplate(name)
}

func (a *App) readWords(ctx context.Context) map[domain.TemplateName]domain.Template {
	list, err := a.templates.List(ctx, "", domain.MaxTemplates)
	if err != nil {
		a.logger.WarnContext(ctx, "templates could not be read; the words known before are used", "error", err)
		return nil
	}
	byName := make(map[domain.TemplateName]domain.Template, len(list))
	for _, t := range list {
		byName[t.Name] = t
	}
	return byName
}

// say gives the words for somebody of that locale: those of the template of the
// notification's kind, or ready where there is none or it cannot be filled in.
func (a *App) say(ctx context.Context, kind string, data json.RawMessage, locale string, ready domain.Words) domain.Words {
	t, ok := a.templateFor(ctx, kind)
	if !ok {
		return ready
	}
	spoken, _ := domain.ParseLocale(locale) // "" falls back to English
	said, err := t.Say(spoken, domain.ValuesOf(data))
	if err != nil || said.Title == "" {
		if _, missing := errors.AsType[domain.MissingVariableError](err); !missing {
			a.logger.WarnContext(ctx, "a template cannot be filled in; the sender's own words are used", "template", string(t.Name), "error", err)
		}
		return ready
	}
	return said
}
