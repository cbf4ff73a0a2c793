package app

import (
	"context"
	"strings"

	"github.com/loveapp/backend/notification/internal/domain"
)

// parcel is the message as it goes out, in the words of its template where there
// are any for its kind.
func (a *App) parcel(ctx context.Context, w domain.Work, to domain.Target) domain.Parcel {
	about := domain.MembersOf(w.Data)
	said := a.say(ctx, about.Kind, w.Data, to.Locale, domain.Words{Title: w.Title, Body: w.Body})
	w.Title = said.Title
	return domain.Lay(w.Parcel(to, about), said.Body, a.link(about.URL))
}

// link gives url where it leads to us. What leads elsewhere is not sent under our name.
func (a *App) link(url string) string {
	home := strings.TrimSuffix(a.publicURL, "/")
	if home == "" || url == home || strings.HasPrefix(url, home+"/") || strings.HasPrefix(url, home+"#") {
		return url
	}
	return ""
}
