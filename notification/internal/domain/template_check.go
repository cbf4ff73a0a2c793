package domain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"

	"github.com/loveapp/backend/shared/fault"
)

// ProposedTemplate is a template as it came, nothing checked.
type ProposedTemplate struct {
	Name                string
	Variables, Optional []string
	Texts               map[string]TemplateText
}

// NewTemplate checks p: its names, its size, and that every text can be filled
// in from the variables it declares. It names the fields that it refuses.
//
// A text may say {{.variable}}, and {{if}} with else and with the functions and,
// or, not, eq and ne. Everything else is refused, so that no text runs for long,
// grows without end or reaches what is not its business.
func NewTemplate(p ProposedTemplate) (Template, []fault.Field) {
	var c check
	name, ok := ParseTemplateName(p.Name)
	c.that(ok, "name", "invalid_format", "must be 1 to 64 small letters, digits, dots, lines and underscores, a letter first")
	t := Template{
		Name: name, Variables: c.variables("variables", p.Variables, nil), Optional: c.variables("optionalVariables", p.Optional, p.Variables),
		Texts: map[Locale]TemplateText{},
	}
	c.that(len(p.Texts) <= MaxTemplateLocales, "texts", "too_many", fmt.Sprintf("must have at most %d locales", MaxTemplateLocales))
	if len(c.wrong) > 0 {
		return Template{}, c.wrong
	}
	for _, key := range slices.Sorted(maps.Keys(p.Texts)) {
		locale, ok := ParseLocale(key)
		if !ok || string(locale) != key {
			c.that(false, "texts."+shortened(key), "invalid_format", "must be a locale such as fr or fr-CA")
			continue
		}
		text := p.Texts[key]
		c.source(t, "texts."+key+".title", text.Title, maxTitleSource)
		c.that(!strings.ContainsFunc(text.Title, unicode.IsControl), "texts."+key+".title", "invalid_format", "must be one line")
		c.source(t, "texts."+key+".body", text.Body, MaxTemplateSource)
		t.Texts[locale] = text
	}
	_, ok = t.Texts[DefaultLocale]
	c.that(ok, "texts.en", "required", "must be given: it is for everybody whose language there is not")
	return t, c.wrong
}

func (c *check) variables(field string, names, taken []string) []string {
	c.that(len(names) <= MaxVariables, field, "too_many", fmt.Sprintf("must name at most %d variables", MaxVariables))
	names = names[:min(len(names), MaxVariables)]
	for i, name := range names {
		c.that(isVariable(name), fmt.Sprintf("%s[%d]", field, i), "invalid_format", "must be a letter and up to 49 letters, digits and underscores")
		c.that(!slices.Contains(names[:i], name) && !slices.Contains(taken, name), fmt.Sprintf("%s[%d]", field, i), "duplicate", "must be named once")
	}
	return slices.Clone(names)
}

func isVariable(name string) bool {
	const letters, others = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789_"
	return name != "" && len(name) <= 50 && strings.ContainsRune(letters, rune(name[0])) && strings.Trim(name, letters+others) == ""
}

// source checks one text.
func (c *check) source(t Template, field, source string, limit int) {
	c.that(strings.TrimSpace(source) != "", field, "required", "must be given")
	c.length(field, len(source), limit, "bytes")
	if source == "" || len(source) > limit {
		return
	}
	parsed, err := template.New("").Parse(source)
	if err != nil {
		c.that(false, field, "invalid_template", "cannot be parsed as a template")
		return
	}
	r := reader{known: append(slices.Clone(t.Variables), t.Optional...)}
	if len(parsed.Templates()) > 1 || parsed.Tree == nil {
		r.refuse("define")
	} else {
		r.list(parsed.Root)
	}
	if r.wrong == "" {
		r.wrong = r.rehearse(source, t)
	}
	code := "not_allowed"
	if r.unknown {
		code = "unknown_variable"
	}
	c.that(r.wrong == "", field, code, r.wrong)
}

// reader walks a parsed text and notes the first thing that it may not say.
type reader struct {
	known   []string
	wrong   string
	unknown bool
}

func (r *reader) refuse(what string) {
	if r.wrong == "" {
		r.wrong = "must not use " + what + ": only variables, if, else, and, or, not, eq and ne"
	}
}

func (r *reader) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			r.pipe(n.Pipe)
		case *parse.IfNode:
			r.pipe(n.Pipe)
			r.list(n.List)
			r.list(n.ElseList)
		default:
			r.refuse("range, with, template or block")
		}
	}
}

func (r *reader) pipe(pipe *parse.PipeNode) {
	if len(pipe.Decl) > 0 {
		r.refuse("variables of its own")
	}
	for _, command := range pipe.Cmds {
		for _, arg := range command.Args {
			r.arg(arg)
		}
	}
}

func (r *reader) arg(node parse.Node) {
	switch n := node.(type) {
	case *parse.StringNode:
	case *parse.PipeNode:
		r.pipe(n)
	case *parse.FieldNode:
		if len(n.Ident) != 1 || !slices.Contains(r.known, n.Ident[0]) {
			r.unknown = r.unknown || r.wrong == ""
			r.wrong = orElse(r.wrong, "must not use "+cut(n.String(), shownName)+", which is none of its variables")
		}
	case *parse.IdentifierNode:
		if !slices.Contains([]string{"and", "or", "not", "eq", "ne"}, n.Ident) {
			r.refuse("the function " + cut(n.Ident, shownName))
		}
	default:
		r.refuse(cut(node.String(), shownName))
	}
}

// rehearse fills the text in, once with every variable and once with as few as
// may be: what is wrong with it then is wrong now.
func (*reader) rehearse(source string, t Template) string {
	all, few := map[string]string{}, map[string]string{}
	for _, name := range t.Variables {
		all[name], few[name] = name, name
	}
	for _, name := range t.Optional {
		all[name], few[name] = name, ""
	}
	for _, values := range []map[string]string{all, few} {
		if _, err := fill(source, values); err != nil {
			return "cannot be filled in"
		}
	}
	return ""
}
