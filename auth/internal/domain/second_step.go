package domain

import "github.com/loveapp/backend/shared/fault"

// SecondStep is what somebody shows whose password was right.
type SecondStep struct {
	Token        string
	Code         string // one of the two
	RecoveryCode string
}

// maxRecovery is more than a code with any spaces that people put in.
const maxRecovery = 64

// Check judges the form only.
func (s SecondStep) Check() error {
	var wrong refusals
	if s.Token == "" {
		wrong.note("mfaToken", missing)
	}
	switch {
	case s.Code == "" && s.RecoveryCode == "":
		wrong.note("code", missing)
	case s.Code != "" && s.RecoveryCode != "":
		wrong.note("recoveryCode", &Refusal{"conflict", "must be left out where there is a code"})
	case len(s.RecoveryCode) > maxRecovery:
		wrong.note("recoveryCode", &Refusal{"too_long", "must have at most 64 characters"})
	case s.Code != "":
		wrong.note("code", wrongForm(s.Code))
	}
	return wrong.err()
}

// Method names the one of the two that was shown.
func (s SecondStep) Method() string {
	if s.RecoveryCode != "" {
		return "recoveryCode"
	}
	return "totp"
}

func wrongForm(code string) *Refusal {
	if len(code) != totpDigits || !isNumeric(code) {
		return &Refusal{"invalid_format", "must be six digits"}
	}
	return nil
}

// CheckCode judges the form of a code.
func CheckCode(code string) error {
	var wrong refusals
	if code == "" {
		wrong.note("code", missing)
	} else {
		wrong.note("code", wrongForm(code))
	}
	return wrong.err()
}

// ErrWrongCode is the answer to a code that confirms nothing.
func ErrWrongCode() error {
	return fault.NewInvalid(fault.Field{Field: "code", Code: "wrong_code", Message: "is not what the authenticator shows now"})
}
