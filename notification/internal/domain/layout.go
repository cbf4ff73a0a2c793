package domain

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed layout.html
var layoutSource string

// paragraphs of an e-mail.
type letterPage struct {
	Title      string
	Paragraphs [][]string // of lines
	Link       string
}

// Lay gives the message the form that its channel takes: an SMS is one line, an
// e-mail has a page of HTML beside its text. link, where there is one, comes
// last; a push carries none, the app knows where to go.
func Lay(p Parcel, body, link string) Parcel {
	p.Title = oneLine(p.Title, MaxTitle)
	switch p.To.Channel {
	case SMS:
		p.Text = strings.TrimSpace(oneLine(body, MaxBody) + " " + link)
	case Email:
		p.Text = body
		if link != "" {
			p.Text = strings.TrimLeft(body+"\n\n"+link, "\n")
		}
		p.HTML = page(p.Title, body, link)
	default:
		p.Text = body
	}
	return p
}

// page is "" where it cannot be made: the text alone is sent then.
func page(title, body, link string) string {
	layout, err := template.New("").Parse(layoutSource)
	if err != nil {
		return ""
	}
	content := letterPage{Title: title, Link: link}
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n") {
		if strings.TrimSpace(paragraph) != "" {
			content.Paragraphs = append(content.Paragraphs, strings.Split(strings.TrimSpace(paragraph), "\n"))
		}
	}
	var out strings.Builder
	if layout.Execute(&out, content) != nil {
		return ""
	}
	return out.String()
}
