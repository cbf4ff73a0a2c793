package httpapi

import (
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

// userView is User of the API. Values never given are null.
type userView struct {
	ID            string  `json:"id"`
	Email         string  `json:"email"`
	EmailVerified bool    `json:"emailVerified"`
	Phone         *string `json:"phone"`
	PhoneVerified bool    `json:"phoneVerified"`
	Role          string  `json:"role"`
	FirstName     *string `json:"firstName"`
	LastName      *string `json:"lastName"`
	Locale        *string `json:"locale"`
	Timezone      *string `json:"timezone"`
	CreatedAt     string  `json:"createdAt"`
	UpdatedAt     string  `json:"updatedAt"`
}

func viewUser(u domain.User) userView {
	return userView{
		ID: string(u.ID), Email: string(u.Email), EmailVerified: u.EmailVerified, Phone: given(u.Phone), PhoneVerified: u.PhoneVerified,
		Role: string(u.Role), FirstName: given(u.FirstName), LastName: given(u.LastName), Locale: given(u.Locale), Timezone: given(u.Timezone),
		CreatedAt: timestamp(u.CreatedAt), UpdatedAt: timestamp(u.UpdatedAt),
	}
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// timestamp is RFC 3339 in UTC with milliseconds, always three digits.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
