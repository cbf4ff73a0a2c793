package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

var _ ports.Templates = (*Templates)(nil)

// Templates keep the words that administrators have written.
type Templates struct{ db *postgres.DB }

// NewTemplates works on a database in which Migrations have run.
func NewTemplates(db *postgres.DB) *Templates { return &Templates{db: db} }

// Writers of new templates take turns, so that the limit is one.
const (
	lockTemplates   = `LOCK TABLE templates IN SHARE ROW EXCLUSIVE MODE`
	countOthers     = `SELECT count(*) FILTER (WHERE name <> $1) AS others, count(*) FILTER (WHERE name = $1) AS same FROM templates`
	templateColumns = `name, content, updated_at`
	listTemplates   = `SELECT ` + templateColumns + ` FROM templates WHERE name > $1 ORDER BY name LIMIT $2`
	selectTemplate  = `SELECT ` + templateColumns + ` FROM templates WHERE name = $1`
	upsertTemplate  = `INSERT INTO templates (name, content) VALUES ($1, $2::jsonb)
		ON CONFLICT (name) DO UPDATE SET content = excluded.content, updated_at = now() RETURNING ` + templateColumns
	deleteTemplate = `DELETE FROM templates WHERE name = $1`
)

type templateRow struct {
	Name      domain.TemplateName `db:"name"`
	Content   []byte              `db:"content"`
	UpdatedAt time.Time           `db:"updated_at"`
}

// templateContent is the form of a template in the database.
type templateContent struct {
	Variables []string                        `json:"variables"`
	Optional  []string                        `json:"optionalVariables"`
	Texts     map[domain.Locale]templateWords `json:"texts"`
}

type templateWords struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

func (r templateRow) template() (domain.Template, error) {
	var content templateContent
	if err := json.Unmarshal(r.Content, &content); err != nil {
		return domain.Template{}, fmt.Errorf("template %s: %w", r.Name, err)
	}
	t := domain.Template{
		Name: r.Name, Variables: content.Variables, Optional: content.Optional,
		Texts: make(map[domain.Locale]domain.TemplateText, len(content.Texts)), UpdatedAt: r.UpdatedAt,
	}
	for locale, words := range content.Texts {
		t.Texts[locale] = domain.TemplateText(words)
	}
	return t, nil
}

func contentOf(t domain.Template) (string, error) {
	content := templateContent{Variables: t.Variables, Optional: t.Optional, Texts: make(map[domain.Locale]templateWords, len(t.Texts))}
	for locale, text := range t.Texts {
		content.Texts[locale] = templateWords(text)
	}
	encoded, err := json.Marshal(content)
	return string(encoded), err
}

// List implements ports.Templates.
func (s *Templates) List(ctx context.Context, after domain.TemplateName, limit int) ([]domain.Template, error) {
	var rows []templateRow
	if err := s.db.Primary().SelectContext(ctx, &rows, listTemplates, string(after), limit); err != nil {
		return nil, postgres.Classify(fmt.Errorf("list templates: %w", err))
	}
	list := make([]domain.Template, len(rows))
	for i, r := range rows {
		t, err := r.template()
		if err != nil {
			return nil, err
		}
		list[i] = t
	}
	return list, nil
}

// Get implements ports.Templates.
func (s *Templates) Get(ctx context.Context, name domain.TemplateName) (domain.Template, error) {
	var row templateRow
	err := s.db.Primary().GetContext(ctx, &row, selectTemplate, string(name))
	if errors.Is(err, sql.ErrNoRows) {
		return domain.Template{}, domain.ErrTemplateNotFound
	}
	if err != nil {
		return domain.Template{}, postgres.Classify(fmt.Errorf("read template %s: %w", name, err))
	}
	return row.template()
}

// Create implements ports.Templates.
func (s *Templates) Create(ctx context.Context, t domain.Template) (domain.Template, error) {
	return s.write(ctx, t, true)
}

// Put implements ports.Templates.
func (s *Templates) Put(ctx context.Context, t domain.Template) (domain.Template, error) {
	return s.write(ctx, t, false)
}

func (s *Templates) write(ctx context.Context, t domain.Template, anew bool) (made domain.Template, err error) {
	content, err := contentOf(t)
	if err != nil {
		return domain.Template{}, fmt.Errorf("encode template %s: %w", t.Name, err)
	}
	err = s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if err := room(ctx, tx, t.Name, anew); err != nil {
			return err
		}
		var row templateRow
		if err := tx.GetContext(ctx, &row, upsertTemplate, string(t.Name), content); err != nil {
			return fmt.Errorf("write template %s: %w", t.Name, err)
		}
		made, err = row.template()
		return err
	})
	return made, err
}

// room tells whether the template may be written.
func room(ctx context.Context, tx *sqlx.Tx, name domain.TemplateName, anew bool) error {
	if _, err := tx.ExecContext(ctx, lockTemplates); err != nil {
		return fmt.Errorf("lock templates: %w", err)
	}
	var counts struct {
		Others int `db:"others"`
		Same   int `db:"same"`
	}
	if err := tx.GetContext(ctx, &counts, countOthers, string(name)); err != nil {
		return fmt.Errorf("count templates: %w", err)
	}
	switch {
	case anew && counts.Same > 0:
		return domain.ErrTemplateExists
	case counts.Same == 0 && counts.Others >= domain.MaxTemplates:
		return domain.ErrTemplateLimit
	}
	return nil
}

// Delete implements ports.Templates.
func (s *Templates) Delete(ctx context.Context, name domain.TemplateName) error {
	result, err := s.db.Primary().ExecContext(ctx, deleteTemplate, string(name))
	if err != nil {
		return postgres.Classify(fmt.Errorf("delete template %s: %w", name, err))
	}
	if removed, err := result.RowsAffected(); err != nil || removed == 0 {
		return errors.Join(err, domain.ErrTemplateNotFound)
	}
	return nil
}
