package domain_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/notification/internal/domain"
)

var (
	allSteps = []domain.Channel{domain.Push, domain.SMS, domain.Email}
	phone    = domain.Target{Channel: domain.Push, Provider: domain.FCM, Device: "phone"}
	number   = domain.Target{Channel: domain.SMS, Provider: domain.Twilio, Address: "+4915112345678"}
)

func TestAStepFollowsTheOther(t *testing.T) {
	t.Parallel()
	e := domain.DefaultEscalation()
	wantsMail := domain.Preferences{Channels: map[domain.Category]domain.ChannelSet{domain.General: {Push: true, Email: true}}}
	muted := domain.Preferences{Channels: map[domain.Category]domain.ChannelSet{domain.General: {}}}
	type move struct {
		delivered int
		steps     []domain.Channel
		after     time.Duration
		bypassed  bool
	}
	for name, c := range map[string]struct {
		plan  domain.Plan
		reach domain.Reach
		want  move
	}{
		"critical, no socket open: push at once": {
			domain.Plan{Priority: domain.Critical, Steps: allSteps},
			domain.Reach{Targets: []domain.Target{phone}},
			move{1, []domain.Channel{domain.SMS, domain.Email}, 20 * time.Second, false},
		},
		"critical, a socket is open: it has 5 seconds": {
			domain.Plan{Priority: domain.Critical, Steps: allSteps},
			domain.Reach{Online: true, Targets: []domain.Target{phone}},
			move{0, allSteps, 5 * time.Second, false},
		},
		"presence is not delivery": {
			domain.Plan{Priority: domain.Critical, Steps: allSteps, Looked: true},
			domain.Reach{Online: true, Targets: []domain.Target{phone}},
			move{1, []domain.Channel{domain.SMS, domain.Email}, 20 * time.Second, false},
		},
		"critical without a device: the next at once": {
			domain.Plan{Priority: domain.Critical, Steps: allSteps},
			domain.Reach{},
			move{0, []domain.Channel{domain.SMS, domain.Email}, 0, false},
		},
		"mail comes 40 seconds after the push": {
			domain.Plan{Priority: domain.Critical, Steps: []domain.Channel{domain.SMS, domain.Email}, Looked: true},
			domain.Reach{Targets: []domain.Target{number}},
			move{1, []domain.Channel{domain.Email}, 20 * time.Second, false},
		},
		"the last step is the last": {
			domain.Plan{Priority: domain.Critical, Steps: []domain.Channel{domain.Email}, Looked: true},
			domain.Reach{},
			move{0, nil, 0, false},
		},
		"critical goes out although it is muted, and that is noted": {
			domain.Plan{Priority: domain.Critical, Steps: []domain.Channel{domain.Push}},
			domain.Reach{Targets: []domain.Target{phone}, Preferences: muted},
			move{1, nil, 0, true},
		},
		"others: a push and no more": {
			domain.Plan{Priority: domain.High, Steps: allSteps},
			domain.Reach{Targets: []domain.Target{phone}},
			move{1, nil, 0, false},
		},
		"others: what the user has switched on": {
			domain.Plan{Priority: domain.Low, Steps: allSteps},
			domain.Reach{Targets: []domain.Target{phone}, Preferences: wantsMail},
			move{1, []domain.Channel{domain.Email}, 40 * time.Second, false},
		},
		"others: what the sender has named": {
			domain.Plan{Priority: domain.High, Steps: []domain.Channel{domain.Push, domain.SMS}, Named: true},
			domain.Reach{Targets: []domain.Target{phone}},
			move{1, []domain.Channel{domain.SMS}, 20 * time.Second, false},
		},
		"others: muted is not sent": {
			domain.Plan{Priority: domain.High, Steps: []domain.Channel{domain.Push}},
			domain.Reach{Targets: []domain.Target{phone}, Preferences: muted},
			move{0, nil, 0, false},
		},
		"a target that comes twice gets one": {
			domain.Plan{Priority: domain.High, Steps: []domain.Channel{domain.Push}},
			domain.Reach{Targets: []domain.Target{phone, phone}},
			move{1, nil, 0, false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.plan.Category, c.plan.Now = domain.General, now
			m := e.Move(c.plan, c.reach)
			if len(m.Deliver) != c.want.delivered || !slices.Equal(m.Steps, c.want.steps) || m.After != c.want.after || m.Bypassed != c.want.bypassed || !m.Looked {
				t.Errorf("%+v, want %+v", m, c.want)
			}
			if m.Again() != (len(c.want.steps) > 0 && c.want.after == 0) {
				t.Errorf("again: %t", m.Again())
			}
		})
	}
}

func TestQuietHoursDeferAPush(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	p := domain.Plan{Category: domain.Campaign, Priority: domain.Low, Steps: []domain.Channel{domain.Push}, Now: night}
	r := domain.Reach{Targets: []domain.Target{phone}, Preferences: domain.Preferences{QuietHours: quiet(t, "22:00", "06:00", "UTC")}}
	m := domain.DefaultEscalation().Move(p, r)
	if len(m.Deliver) != 0 || !slices.Equal(m.Steps, p.Steps) || m.After != 7*time.Hour {
		t.Errorf("at night: %+v", m)
	}
	p.Now = night.Add(m.After)
	if m := domain.DefaultEscalation().Move(p, r); len(m.Deliver) != 1 || len(m.Steps) != 0 {
		t.Errorf("in the morning: %+v", m)
	}
}

// Whatever a user has and wants: no target is delivered to twice, steps come in
// their order, and a plan comes to its end.
func TestAPlanDeliversToEachTargetOnceAndEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := domain.DefaultEscalation()
		p := domain.Plan{
			Category: domain.General, Now: now, Named: rapid.Bool().Draw(t, "named"),
			Priority: rapid.SampledFrom([]domain.Priority{domain.Low, domain.Medium, domain.High, domain.Critical}).Draw(t, "priority"),
		}
		for _, c := range allSteps {
			if rapid.Bool().Draw(t, "step") {
				p.Steps = append(p.Steps, c)
			}
		}
		prefs := domain.Preferences{}
		if rapid.Bool().Draw(t, "said") {
			set := domain.ChannelSet{Push: rapid.Bool().Draw(t, "push"), Email: rapid.Bool().Draw(t, "email"), SMS: rapid.Bool().Draw(t, "sms")}
			prefs.Channels = map[domain.Category]domain.ChannelSet{domain.General: set}
		}
		seen := map[domain.Target]bool{}
		for rounds := 0; len(p.Steps) > 0; rounds++ {
			if rounds > 2*len(allSteps) {
				t.Fatal("it has no end")
			}
			step := p.Steps[0]
			r := domain.Reach{Online: rapid.Bool().Draw(t, "online"), Preferences: prefs}
			for _, id := range rapid.SliceOfN(rapid.SampledFrom([]domain.DeviceID{"a", "b"}), 0, 4).Draw(t, "devices") {
				r.Targets = append(r.Targets, domain.Target{Channel: step, Device: id})
			}
			m := e.Move(p, r)
			for _, target := range m.Deliver {
				if seen[target] || target.Channel != step {
					t.Fatalf("%+v is delivered to again, or in the wrong step", target)
				}
				seen[target] = true
				if p.Priority != domain.Critical && !prefs.Of(domain.General).Has(step) {
					t.Fatalf("%s is sent although it is muted", step)
				}
			}
			if len(m.Steps) > 0 && m.After < 0 || len(m.Steps) > len(p.Steps) {
				t.Fatalf("move %+v", m)
			}
			p.Steps, p.Looked, p.Now = m.Steps, m.Looked, p.Now.Add(m.After)
		}
	})
}

func TestStepsAreThoseThatThereIsASenderForAndThatWereNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		channels []string
		open     map[domain.Channel]bool
		want     []domain.Channel
	}{
		"nothing to send by": {nil, nil, nil},
		"all":                {nil, map[domain.Channel]bool{domain.Push: true, domain.SMS: true, domain.Email: true}, allSteps},
		"only mail":          {nil, map[domain.Channel]bool{domain.Email: true}, []domain.Channel{domain.Email}},
		"named":              {[]string{"socket", "push", "carrier pigeon"}, map[domain.Channel]bool{domain.Push: true, domain.SMS: true}, []domain.Channel{domain.Push}},
		"the socket alone":   {[]string{"socket"}, map[domain.Channel]bool{domain.Push: true}, nil},
	} {
		if got := (domain.Draft{Channels: c.channels}).Steps(c.open); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAFailureSaysWhatComesNext(t *testing.T) {
	t.Parallel()
	b := domain.DefaultBackoff()
	for name, c := range map[string]struct {
		work    domain.Work
		failure domain.SendError
		state   domain.DeliveryState
		least   time.Duration
		most    time.Duration
	}{
		"first":                    {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Unreachable}, domain.Waiting, 50 * time.Millisecond, time.Second},
		"third":                    {domain.Work{Attempt: 3}, domain.SendError{Kind: domain.Unreachable}, domain.Waiting, 50 * time.Millisecond, 4 * time.Second},
		"hundredth":                {domain.Work{Attempt: 100}, domain.SendError{Kind: domain.Unreachable}, domain.Waiting, 50 * time.Millisecond, 5 * time.Minute},
		"hundredth of an alarm":    {domain.Work{Attempt: 100, Priority: domain.Critical}, domain.SendError{Kind: domain.Unreachable}, domain.Waiting, 50 * time.Millisecond, 15 * time.Second},
		"throttled":                {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Throttled, RetryAfter: 30 * time.Second}, domain.Waiting, 30 * time.Second, 31 * time.Second},
		"throttled for a year":     {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Throttled, RetryAfter: 9000 * time.Hour}, domain.Waiting, time.Hour, time.Hour + time.Second},
		"an alarm, for a year":     {domain.Work{Attempt: 1, Priority: domain.Critical, Age: time.Minute}, domain.SendError{Kind: domain.Throttled, RetryAfter: 9000 * time.Hour}, domain.Waiting, 59 * time.Minute, 59 * time.Minute},
		"the last try of an alarm": {domain.Work{Attempt: 9, Priority: domain.Critical, Age: time.Hour - time.Second}, domain.SendError{Kind: domain.Misconfigured}, domain.Waiting, time.Second, time.Second},
		"wrong credentials":        {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Misconfigured}, domain.Waiting, 30 * time.Second, time.Minute},
		"refused":                  {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Rejected}, domain.Dead, 0, 0},
		"the device is gone":       {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Gone}, domain.Removed, 0, 0},
		"too late":                 {domain.Work{Attempt: 1}, domain.SendError{Kind: domain.Overdue}, domain.Expired, 0, 0},
		"an alarm of an hour ago":  {domain.Work{Attempt: 9, Priority: domain.Critical, Age: time.Hour}, domain.SendError{Kind: domain.Unreachable}, domain.Dead, 0, 0},
		"a campaign, an hour old":  {domain.Work{Attempt: 9, Priority: domain.Low, Age: time.Hour}, domain.SendError{Kind: domain.Unreachable}, domain.Waiting, 50 * time.Millisecond, 5 * time.Minute},
		"something else went awry": {domain.Work{Attempt: 1}, domain.SendError{}, domain.Waiting, 50 * time.Millisecond, time.Second},
	} {
		for _, chance := range []float64{0, 0.5, 0.999} {
			c.failure.Code = "code"
			o := b.Failed(c.work, c.failure, chance)
			if o.State != c.state || o.After < c.least || o.After > c.most || o.Code != "code" {
				t.Errorf("%s: %+v, want %s after %s to %s", name, o, c.state, c.least, c.most)
			}
		}
	}
}

func TestAnAddressIsCovered(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"mum@example.com": "m•••@example.com", "é@x.org": "é•••@x.org", "@x.org": "•••@x.org", "+4915112345678": "+49•••78", "+123": "•••", "": "•••",
	} {
		if got := domain.Mask(address); got != want {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

func TestADraftToAnAddressNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address domain.Address
		users   []string
		want    string
	}{
		"mail":              {domain.Address{Channel: domain.Email, To: "mum@example.com"}, nil, ""},
		"text":              {domain.Address{Channel: domain.SMS, To: "+4915112345678", Locale: "fr"}, nil, ""},
		"push":              {domain.Address{Channel: domain.Push, To: "x"}, nil, "address.channel"},
		"no mail":           {domain.Address{Channel: domain.Email, To: "mum"}, nil, "address.to"},
		"two mails":         {domain.Address{Channel: domain.Email, To: "mum@example.com,dad@example.com"}, nil, "address.to"},
		"a header":          {domain.Address{Channel: domain.Email, To: "mum@example.com\r\nBcc: all"}, nil, "address.to"},
		"no number":         {domain.Address{Channel: domain.SMS, To: "015112345678"}, nil, "address.to"},
		"a long locale":     {domain.Address{Channel: domain.SMS, To: "+4915112345678", Locale: string(make([]byte, 36))}, nil, "address.locale"},
		"a user beside it":  {domain.Address{Channel: domain.Email, To: "mum@example.com"}, []string{ana}, "userIds"},
		"a number in words": {domain.Address{Channel: domain.SMS, To: "+49 151 123"}, nil, "address.to"},
	} {
		p := proposal()
		p.Users, p.Address = c.users, &c.address
		_, wrong := domain.NewDraft(p, "", now)
		if len(wrong) > 1 || len(wrong) == 0 != (c.want == "") || len(wrong) == 1 && wrong[0].Field != c.want {
			t.Errorf("%s: %v, want %q", name, wrong, c.want)
		}
	}
}
