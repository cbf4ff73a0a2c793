package domain

// PhoneCode is what somebody has sent who got a text message.
type PhoneCode struct{ Phone, Code string }

// Check judges both and names all wrong fields in one 422.
func (c PhoneCode) Check() (PhoneCode, error) {
	var (
		wrong refusals
		why   *Refusal
	)
	c.Phone, why = ParsePhone(c.Phone)
	wrong.note("phone", why)
	c.Code, why = TypedCode(c.Code)
	wrong.note("code", why)
	return c, wrong.err()
}
