// Package openapi puts the services' OpenAPI documents together into the one
// that clients read, and into a page for people.
package openapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

const (
	// keptFor is SEED.md's five minutes; an edition that lacks a service's part is tried again soon.
	keptFor   = 5 * time.Minute
	retriedIn = 2 * time.Second
	// patience bounds the look at all services: a page that hangs helps nobody.
	patience = 2 * time.Second
)

// Config is what a Book needs.
type Config struct {
	Own []byte // the gateway's document, in YAML
	// Fetch asks a service for its document, in YAML.
	Fetch  func(ctx context.Context, s domain.Service) ([]byte, error)
	Routes []domain.Route // what of the services' documents is public
	Now    func() time.Time
	Logger *slog.Logger
}

// Book holds the newest edition. A service that cannot be asked keeps the part it had.
type Book struct {
	config Config
	public map[string]bool

	mu      sync.Mutex // those who ask meanwhile wait for one look
	texts   map[domain.Service][]byte
	edition edition
	until   time.Time
}

// edition is the document in both its forms.
type edition struct{ json, page []byte }

// NewBook refuses an own document that cannot be read.
func NewBook(c Config) (*Book, error) {
	if c.Fetch == nil || c.Now == nil || c.Logger == nil {
		return nil, errors.New("openapi: a way to fetch, a clock and a logger are required")
	}
	if _, err := parse(c.Own); err != nil {
		return nil, fmt.Errorf("openapi: the gateway's own: %w", err)
	}
	b := &Book{config: c, public: make(map[string]bool), texts: make(map[domain.Service][]byte)}
	for _, r := range c.Routes {
		b.public[r.Method+" "+shape(r.Pattern)] = true
	}
	return b, nil
}

// JSON is the document for programs, at most five minutes old.
func (b *Book) JSON(ctx context.Context) ([]byte, error) {
	newest, err := b.newest(ctx)
	return newest.json, err
}

// Page is the same document as HTML.
func (b *Book) Page(ctx context.Context) ([]byte, error) {
	newest, err := b.newest(ctx)
	return newest.page, err
}

func (b *Book) newest(ctx context.Context) (edition, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.config.Now().Before(b.until) {
		return b.edition, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience) // the next one asks for the same
	defer cancel()
	complete := b.collect(ctx)
	printed, err := b.print()
	if err != nil {
		return edition{}, err
	}
	b.edition, b.until = printed, b.config.Now().Add(retriedIn)
	if complete {
		b.until = b.config.Now().Add(keptFor)
	}
	return b.edition, nil
}

// collect asks every service, all at once, and tells whether each has answered.
func (b *Book) collect(ctx context.Context) bool {
	services := domain.Services()
	found := make([][]byte, len(services))
	var group sync.WaitGroup
	for i, s := range services {
		group.Go(func() {
			text, err := b.config.Fetch(ctx, s)
			if err == nil {
				_, err = parse(text)
			}
			if err != nil {
				b.config.Logger.WarnContext(ctx, "a service's OpenAPI document cannot be had", "upstream", s, "error", err)
				return
			}
			found[i] = text
		})
	}
	group.Wait()
	complete := true
	for i, s := range services {
		if found[i] == nil {
			complete = false
			continue
		}
		b.texts[s] = found[i]
	}
	return complete
}

// print merges what is there. Texts are parsed anew, because merging changes them.
func (b *Book) print() (edition, error) {
	own, err := parse(b.config.Own)
	if err != nil {
		return edition{}, err
	}
	var parts []part
	for _, s := range domain.Services() {
		if b.texts[s] == nil {
			continue
		}
		doc, err := parse(b.texts[s])
		if err != nil {
			return edition{}, err
		}
		parts = append(parts, part{string(s), doc})
	}
	doc := merge(own, parts, func(method, path string) bool { return b.public[method+" "+shape(path)] })
	encoded, err := json.Marshal(doc)
	if err != nil {
		return edition{}, fmt.Errorf("encode the document: %w", err)
	}
	page, err := render(doc)
	if err != nil {
		return edition{}, err
	}
	return edition{append(encoded, '\n'), page}, nil
}

// shape is a path without the names of its parameters, which the table and the documents write differently.
func shape(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, ":") || strings.HasPrefix(s, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}
