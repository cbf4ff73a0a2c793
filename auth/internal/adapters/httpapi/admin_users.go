package httpapi

import (
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
	"github.com/loveapp/backend/shared/token"
)

// forStaff takes the tokens of administrators. What decides looks at their role once more.
func (a api) forStaff(next callerHandler) httpserver.Handler {
	return a.signedIn(func(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
		claims, _ := token.ClaimsFrom(r.Context())
		if err := a.App.MayAdminister(r.Context(), caller, domain.Role(claims.Role)); err != nil {
			return err
		}
		return next(w, r, caller)
	})
}

// adminUserView is AdminUser of the API: User and what only administrators see.
type adminUserView struct {
	userView

	Active bool `json:"active"`
}

func viewAnyUser(u domain.User) adminUserView { return adminUserView{viewUser(u), u.Active} }

type userPage struct {
	Items      []adminUserView `json:"items"`
	NextCursor *string         `json:"nextCursor"`
}

type userCursor struct {
	Below string `json:"below_user"`
}

func (a api) users(w http.ResponseWriter, r *http.Request, _ app.Caller) error {
	limit, sealed, err := cursor.ParsePage(r)
	if err != nil {
		return err
	}
	page, err := readUserPage(r.URL.Query())
	if err != nil {
		return err
	}
	var from userCursor
	if sealed != "" {
		if err := a.Cursors.Decode(sealed, &from); err != nil {
			return err
		}
	}
	page.Below, page.Limit = domain.UserID(from.Below), limit
	users, more, err := a.App.Users(r.Context(), page)
	if err != nil {
		return err
	}
	answer := userPage{Items: make([]adminUserView, 0, len(users))}
	for _, u := range users {
		answer.Items = append(answer.Items, viewAnyUser(u))
	}
	if more {
		next := a.Cursors.Encode(userCursor{string(users[len(users)-1].ID)})
		answer.NextCursor = &next
	}
	return httpserver.WriteJSON(w, http.StatusOK, answer)
}

// maxSearch is as long as the longest thing that can be found, a name.
const maxSearch = 100

func readUserPage(query url.Values) (page domain.UserPage, err error) {
	var wrong []fault.Field
	page.Search = query.Get("search")
	if !utf8.ValidString(page.Search) || utf8.RuneCountInString(page.Search) > maxSearch || hasNUL(page.Search) {
		wrong = append(wrong, fault.Field{Field: "search", Code: "invalid_format", Message: "must be text of at most 100 characters"})
	}
	if role := query.Get("role"); role != "" {
		page.Role = domain.Role(role)
		if err := (domain.UserEdit{Role: &page.Role}).Check(); err != nil {
			wrong = append(wrong, fault.From(err).Fields...)
		}
	}
	switch text := query.Get("active"); text {
	case "":
	case "true", "false":
		active := text == "true"
		page.Active = &active
	default:
		wrong = append(wrong, fault.Field{Field: "active", Code: "invalid_choice", Message: "must be true or false"})
	}
	if len(wrong) > 0 {
		return page, fault.NewInvalid(wrong...)
	}
	return page, nil
}

func userOf(r *http.Request) (domain.UserID, error) {
	id, ok := domain.ParseUserID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return "", domain.ErrUserNotFound
	}
	return id, nil
}

func (a api) anyUser(w http.ResponseWriter, r *http.Request, _ app.Caller) error {
	id, err := userOf(r)
	if err != nil {
		return err
	}
	user, err := a.App.AnyUser(r.Context(), id)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, viewAnyUser(user))
}

func (a api) superviseUser(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	id, err := userOf(r)
	if err != nil {
		return err
	}
	var body struct {
		Role   *domain.Role `json:"role"`
		Active *bool        `json:"active"`
	}
	if err := strictjson.Decode(w, r, &body, strictjson.RejectUnknown()); err != nil {
		return err
	}
	user, err := a.App.Supervise(r.Context(), caller, id, domain.UserEdit(body))
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, viewAnyUser(user))
}

func (a api) revokeSessions(w http.ResponseWriter, r *http.Request, caller app.Caller) error {
	id, err := userOf(r)
	if err != nil {
		return err
	}
	if err := a.App.RevokeSessions(r.Context(), caller, id); err != nil {
		return err
	}
	return httpserver.NoContent(w)
}
