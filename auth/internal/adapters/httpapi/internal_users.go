package httpapi

import (
	"net/http"
	"strconv"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/strictjson"
)

// maxLookup bounds one lookup, ids and addresses together.
const maxLookup = 100

// lookUp ignores fields it does not know: a newer service may ask an older auth.
func (a api) lookUp(w http.ResponseWriter, r *http.Request) error {
	var body event.UserLookup
	if err := strictjson.Decode(w, r, &body); err != nil {
		return err
	}
	if len(body.IDs)+len(body.Emails)+len(body.Phones) > maxLookup {
		return fault.NewInvalid(fault.Field{Field: "ids", Code: "too_many", Message: "must be at most 100 together with emails and phones"})
	}
	users, err := a.App.LookUp(r.Context(), readLookup(body))
	if err != nil {
		return err
	}
	return writeUsers(w, users)
}

func writeUsers(w http.ResponseWriter, users []domain.User) error {
	answer := event.Users{Items: make([]event.User, 0, len(users))}
	for _, user := range users {
		answer.Items = append(answer.Items, wireUser(user))
	}
	return httpserver.WriteJSON(w, http.StatusOK, answer)
}

// staff is who administers: sos alarms them. There is no next page, because
// nobody alarms more.
func (a api) staff(w http.ResponseWriter, r *http.Request) error {
	limit := maxLookup
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLookup {
			return fault.NewInvalid(fault.Field{Field: "limit", Code: "out_of_range", Message: "must be from 1 to 100"})
		}
		limit = n
	}
	users, err := a.App.Staff(r.Context(), limit)
	if err != nil {
		return err
	}
	return writeUsers(w, users)
}

// readLookup leaves out what cannot name anybody.
func readLookup(body event.UserLookup) domain.Lookup {
	lookup := domain.Lookup{Phones: body.Phones}
	for _, raw := range body.IDs {
		if id, ok := domain.ParseUserID(raw); ok {
			lookup.IDs = append(lookup.IDs, id)
		}
	}
	for _, raw := range body.Emails {
		if email, refused := domain.ParseEmail(raw); refused == nil {
			lookup.Emails = append(lookup.Emails, email)
		}
	}
	return lookup
}

func (a api) user(w http.ResponseWriter, r *http.Request) error {
	id, ok := domain.ParseUserID(httprouter.ParamsFromContext(r.Context()).ByName("id"))
	if !ok {
		return domain.ErrUserNotFound
	}
	user, err := a.App.User(r.Context(), id)
	if err != nil {
		return err
	}
	return httpserver.WriteJSON(w, http.StatusOK, wireUser(user))
}

func wireUser(u domain.User) event.User {
	return event.User{
		ID: string(u.ID), Email: string(u.Email), EmailVerified: u.EmailVerified, Phone: u.Phone, PhoneVerified: u.PhoneVerified,
		FirstName: u.FirstName, LastName: u.LastName, Locale: u.Locale, Role: string(u.Role), Active: u.Active,
	}
}
