package app

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

// Templates gives at most limit templates behind a name, by name: those that
// administrators have written and, where they have not, those of the program.
// more tells whether others follow.
func (a *App) Templates(ctx context.Context, after domain.TemplateName, limit int) (list []domain.Template, more bool, err error) {
	// One more than asked for tells whether there is a next page.
	list, err = a.templates.List(ctx, after, limit+1)
	if err != nil {
		return nil, false, err
	}
	written := len(list)
	for _, t := range a.builtIn {
		replaced := slices.ContainsFunc(list[:written], func(w domain.Template) bool { return w.Name == t.Name })
		if t.Name > after && !replaced {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(x, y domain.Template) int { return cmp.Compare(x.Name, y.Name) })
	if len(list) > limit {
		return list[:limit], true, nil
	}
	return list, false, nil
}

// Template gives the one of that name.
func (a *App) Template(ctx context.Context, name domain.TemplateName) (domain.Template, error) {
	t, err := a.templates.Get(ctx, name)
	if !errors.Is(err, domain.ErrTemplateNotFound) {
		return t, err
	}
	if own, ok := a.ownTemplate(name); ok {
		return own, nil
	}
	return domain.Template{}, err
}

func (a *App) ownTemplate(name domain.TemplateName) (domain.Template, bool) {
	i := slices.IndexFunc(a.builtIn, func(t domain.Template) bool { return t.Name == name })
	if i < 0 {
		return domain.Template{}, false
	}
	return a.builtIn[i], true
}

// WriteTemplate makes a new one; what the program has words for is not new. A
// repeat of what there is already gives what there is.
func (a *App) WriteTemplate(ctx context.Context, p domain.ProposedTemplate) (domain.Template, error) {
	t, err := checked(p)
	if err != nil {
		return domain.Template{}, err
	}
	if own, ok := a.ownTemplate(t.Name); ok && !own.SameWords(t) {
		return domain.Template{}, domain.ErrTemplateExists
	}
	made, err := a.templates.Create(ctx, t)
	if !errors.Is(err, domain.ErrTemplateExists) {
		a.words.forget()
		return made, err
	}
	if there, get := a.templates.Get(ctx, t.Name); get == nil && there.SameWords(t) {
		return there, nil
	}
	return domain.Template{}, err
}

// ReplaceTemplate writes in the place of one that there is, the program's own included.
func (a *App) ReplaceTemplate(ctx context.Context, p domain.ProposedTemplate) (domain.Template, error) {
	t, err := checked(p)
	if err != nil {
		return domain.Template{}, err
	}
	if _, err := a.Template(ctx, t.Name); err != nil {
		return domain.Template{}, err
	}
	defer a.words.forget()
	return a.templates.Put(ctx, t)
}

// DeleteTemplate removes what an administrator has written. Where that was in
// the place of one of the program's, that one counts again.
func (a *App) DeleteTemplate(ctx context.Context, name domain.TemplateName) error {
	err := a.templates.Delete(ctx, name)
	if _, own := a.ownTemplate(name); own && errors.Is(err, domain.ErrTemplateNotFound) {
		return domain.ErrTemplateBuiltIn
	}
	a.words.forget()
	return err
}

func checked(p domain.ProposedTemplate) (domain.Template, error) {
	t, wrong := domain.NewTemplate(p)
	if len(wrong) > 0 {
		return domain.Template{}, fault.NewInvalid(wrong[:min(len(wrong), maxNamed)]...)
	}
	return t, nil
}
