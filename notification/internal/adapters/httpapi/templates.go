package httpapi

import (
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

type template struct {
	Name      domain.TemplateName            `json:"name"`
	Variables []string                       `json:"variables"`
	Optional  []string                       `json:"optionalVariables"`
	Texts     map[domain.Locale]templateText `json:"texts"`
	BuiltIn   bool                           `json:"builtIn"`
	UpdatedAt *time.Time                     `json:"updatedAt"`
}

type templateText struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

func templateOf(t domain.Template) template {
	shown := template{
		Name: t.Name, Variables: orNone(t.Variables), Optional: orNone(t.Optional),
		Texts: make(map[domain.Locale]templateText, len(t.Texts)), BuiltIn: t.BuiltIn,
	}
	for locale, text := range t.Texts {
		shown.Texts[locale] = templateText(text)
	}
	if !t.UpdatedAt.IsZero() {
		at := t.UpdatedAt.UTC().Truncate(time.Millisecond)
		shown.UpdatedAt = &at
	}
	return shown
}

func orNone(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

type templatePage struct {
	Items      []template `json:"items"`
	NextCursor *string    `json:"nextCursor"`
}

// templatePosition is what a cursor of this list holds.
type templatePosition struct {
	After domain.TemplateName `json:"templatesAfter"`
}

// listTemplates is GET /v1/admin/notification-templates.
func (a *api) listTemplates(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	limit, from, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	var at templatePosition
	if from != "" {
		if err := a.cursors.Decode(from, &at); err != nil {
			return err
		}
	}
	list, more, err := a.app.Templates(r.Context(), at.After, limit)
	if err != nil {
		return err
	}
	answer := templatePage{Items: make([]template, len(list))}
	for i, t := range list {
		answer.Items[i] = templateOf(t)
	}
	if more {
		next := a.cursors.Encode(templatePosition{list[len(list)-1].Name})
		answer.NextCursor = &next
	}
	return httpserver.WriteJSON(w, http.StatusOK, answer)
}

// showTemplate is GET /v1/admin/notification-templates/:id.
func (a *api) showTemplate(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	name, err := templateName(r)
	if err != nil {
		return err
	}
	t, err := a.app.Template(r.Context(), name)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, templateOf(t))
}

type templateBody struct {
	Name      string                  `json:"name"`
	Variables []string                `json:"variables"`
	Optional  []string                `json:"optionalVariables"`
	Texts     map[string]templateText `json:"texts"`
}

func (b templateBody) proposed() domain.ProposedTemplate {
	p := domain.ProposedTemplate{Name: b.Name, Variables: b.Variables, Optional: b.Optional, Texts: make(map[string]domain.TemplateText, len(b.Texts))}
	for locale, text := range b.Texts {
		p.Texts[locale] = domain.TemplateText(text)
	}
	return p
}

// writeTemplate is POST /v1/admin/notification-templates. It needs no
// Idempotency-Key: the name is one.
func (a *api) writeTemplate(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	var body templateBody
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	t, err := a.app.WriteTemplate(r.Context(), body.proposed())
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/admin/notification-templates/"+string(t.Name))
	return httpserver.WriteJSON(w, http.StatusCreated, templateOf(t))
}

// replaceTemplate is PUT /v1/admin/notification-templates/:id.
func (a *api) replaceTemplate(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	var body templateBody
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	name, err := templateName(r)
	if err != nil {
		return err
	}
	if body.Name != "" && body.Name != string(name) {
		return fault.NewInvalid(fault.Field{Field: "name", Code: "immutable", Message: "must be left out, or be the one of the path"})
	}
	body.Name = string(name)
	t, err := a.app.ReplaceTemplate(r.Context(), body.proposed())
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, templateOf(t))
}

// deleteTemplate is DELETE /v1/admin/notification-templates/:id.
func (a *api) deleteTemplate(w http.ResponseWriter, r *http.Request, _ domain.Principal) error {
	name, err := templateName(r)
	if err != nil {
		return err
	}
	if err := a.app.DeleteTemplate(r.Context(), name); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}

func templateName(r *http.Request) (domain.TemplateName, error) {
	name, ok := domain.ParseTemplateName(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return "", domain.ErrTemplateNotFound
	}
	return name, nil
}
