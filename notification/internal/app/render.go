package app

import (
	"context"
	"strings"

	"github.com/loveapp/backend/notification/internal/domain"
)

// parcel is the message as it goes out, in the words of its template where there
// are any for its kind.
func (a *App) parcel(ctx context.Context, w domain.Work, to domain.Target) domain.Parcel {
	kind := domain.MembersOf(w.Data).Kind
	w.Title, w.Body = a.inWords(ctx, kind, w, to)
	return domain.Lay(w.Parcel(to), w.Body, a.link(domain.MembersOf(w.Data).URL))
}

func (a *App) inWords(ctx context.Context, kind string, w domain.Work, to domain.Target) (title, body string) {
	said := a.say(ctx, kind, w.Data, to.Locale, domain.Words{Title: w.Title, Body: w.Body})
	return said.Title, said.Body
}

// link gives url where it leads to us. What leads elsewhere is not sent under our name.
func (a *App) link(url string) string {
	home := strings.TrimSuffix(a.publicURL, "/")
	if home == "" || url == home || strings.HasPrefix(url, home+"/") || strings.HasPrefix(url, home+"#") {
		return url
	}
	return ""
}
