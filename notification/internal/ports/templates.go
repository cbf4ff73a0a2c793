package ports

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Templates keep the words that administrators have written.
type Templates interface {
	// List gives at most limit templates behind a name, by name; "" begins at the first.
	List(ctx context.Context, after domain.TemplateName, limit int) ([]domain.Template, error)
	// Get fails with domain.ErrTemplateNotFound when there is none of that name.
	Get(ctx context.Context, name domain.TemplateName) (domain.Template, error)
	// Create fails with domain.ErrTemplateExists when there is one of that name,
	// and with domain.ErrTemplateLimit when there are domain.MaxTemplates.
	Create(ctx context.Context, t domain.Template) (domain.Template, error)
	// Put writes it in the place of one of that name, or anew; then it fails with
	// domain.ErrTemplateLimit as Create does.
	Put(ctx context.Context, t domain.Template) (domain.Template, error)
	// Delete fails with domain.ErrTemplateNotFound when there is none of that name.
	Delete(ctx context.Context, name domain.TemplateName) error
}
