package sos

import (
	"context"
	"net/url"
	"regexp"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/sos/internal/adapters/twilio"
	"github.com/loveapp/backend/sos/internal/app"
)

// Calls is the account at a provider of calls that speaks Twilio's protocol.
// Nothing set is no provider: then it is for the phones to dial.
type Calls struct {
	AccountSID string        `envconfig:"TWILIO_ACCOUNT_SID"`
	AuthToken  config.Secret `envconfig:"TWILIO_AUTH_TOKEN"`
	// From is the account's number, which the other end sees.
	From string `envconfig:"TWILIO_FROM"`
	// CallTo is the operator's alarm centre: somebody who has agreed to such calls.
	// Public emergency numbers are none of those, and no provider connects them.
	CallTo string `envconfig:"TWILIO_CALL_TO"`
	APIURL string `envconfig:"TWILIO_BASE_URL"`
}

// wholeNumber is E.164: emergency numbers are short ones.
var wholeNumber = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

// any tells whether calls are meant to be made. The account alone may be there
// for messages, which are another service's.
func (c Calls) any() bool { return c.CallTo != "" }

func (c Calls) check(m *config.Mistakes) {
	if !c.any() {
		return
	}
	if c.AccountSID == "" || c.AuthToken == "" || c.From == "" {
		m.Add("TWILIO_CALL_TO needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM")
	}
	if !wholeNumber.MatchString(c.CallTo) {
		m.Add("TWILIO_CALL_TO must be a whole number such as +4930123456, and never a public emergency number")
	}
	if u, err := url.Parse(c.APIURL); c.APIURL != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		m.Add("TWILIO_BASE_URL must be an http or https URL")
	}
}

// calls connects the provider, or says once that there is none.
func (o *opening) calls(ctx context.Context) error {
	c := o.config.Calls
	if !c.any() {
		o.config.Logger.InfoContext(ctx, "TWILIO_CALL_TO is not set: phones dial themselves, and no call is made for anybody")
		return nil
	}
	caller, err := twilio.New(twilio.Config{
		URL: c.APIURL, AccountSID: c.AccountSID, AuthToken: c.AuthToken.Value(), From: c.From, To: c.CallTo, PublicURL: o.config.PublicURL,
	})
	if err != nil {
		return err
	}
	o.closers = append(o.closers, caller.Close)
	o.adapters.Caller = caller
	return nil
}

// makeOperator gives nil where there is no provider.
func (s *Service) makeOperator(a Adapters) (*app.Operator, error) {
	if a.Caller == nil {
		return nil, nil //nolint:nilnil // none is what there is
	}
	return app.NewOperator(app.OperatorConfig{Calls: a.Calls, Caller: a.Caller, Reading: a.Reading, Directory: a.Directory, Logger: s.config.Logger})
}
