package sos_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/sostest"
)

func TestATriggerReachesEveryContactWhoAgreed(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum, ben := newPerson(t, s, "Ann Archer"), newPerson(t, s, ""), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	ann.trusts(ben, "Ben")
	ann.post("/v1/sos/contacts", `{"name":"has not answered"}`).is(http.StatusCreated)

	a := ann.trigger("press-1", `{"emergencyType":"medical","description":"fell","location":{"latitude":52.52,"longitude":13.405,"accuracy":8}}`).is(http.StatusCreated)
	if a.str("ticket", "status") != "pending" || a.str("ticket", "priority") != "high" || a.str("durability") != "local" || a.num("contactsNotified") != 2 ||
		a.str("ticket", "reporter", "name") != "Ann Archer" || a.num("ticket", "location", "latitude") != 52.52 || len(a.items("warnings")) != 0 {
		t.Errorf("answered %s", a.text)
	}
	if numbers := a.items("emergencyNumbers"); len(numbers) != 2 || numbers[0]["number"] != "112" || numbers[0]["source"] == "" {
		t.Errorf("numbers: %v", numbers)
	}
	told := map[string]bool{}
	for _, alert := range s.AwaitAlerts(2) {
		told[alert.Recipient] = true
		if alert.Kind != "sos.triggered" || alert.Priority != "critical" || alert.TicketID != a.str("ticket", "id") || alert.ReporterName != "Ann Archer" ||
			!alert.HasLocation || alert.Title != "Ann Archer needs help" || strings.Contains(alert.Body, "52") {
			t.Errorf("alert: %+v", alert)
		}
	}
	if len(told) != 2 || !told[mum.id] || !told[ben.id] {
		t.Errorf("told: %v", told)
	}
}

func TestTheSameKeyIsTheSameTicketAndNoSecondAlarm(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, ""), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	first := ann.trigger("k", `{"emergencyType":"fire","location":{"latitude":1,"longitude":2}}`).is(http.StatusCreated)
	again := ann.trigger("k", `{"emergencyType":"fire","location":{"latitude":1,"longitude":2}}`).is(http.StatusCreated)
	if again.str("ticket", "id") != first.str("ticket", "id") || again.num("ticket", "version") != 1 || again.num("contactsNotified") != 1 {
		t.Errorf("answered %s", again.text)
	}
	moved := ann.trigger("k", `{"emergencyType":"theft","location":{"latitude":1.5,"longitude":2}}`).is(http.StatusCreated)
	if moved.num("ticket", "location", "latitude") != 1.5 || moved.str("ticket", "emergencyType") != "fire" || !moved.warned("emergencyType", "ignored_on_replay") {
		t.Errorf("with another place and type: %s", moved.text)
	}
	if other := newPerson(t, s, "").trigger("k", `{}`).is(http.StatusCreated); other.str("ticket", "id") == first.str("ticket", "id") {
		t.Error("two people share a key's ticket")
	}
	mum.command(first.str("ticket", "id"), "acknowledge").is(http.StatusOK)
	if alerts := s.AwaitAlerts(2); len(alerts) != 2 || alerts[1].Kind != "sos.acknowledged" {
		t.Errorf("alerts: %+v", alerts)
	}
}

func TestAnOlderPlaceDoesNotReplaceANewerOne(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "")
	at := func(latitude, minute string) string {
		return `{"location":{"latitude":` + latitude + `,"longitude":2,"capturedAt":"2030-01-01T10:` + minute + `:00Z"}}`
	}
	ann.trigger("k", at("1", "10")).is(http.StatusCreated)
	for _, tc := range []struct {
		sent string
		want float64
	}{{at("2", "05"), 1}, {at("3", "11"), 3}, {`{}`, 3}} {
		if got := ann.trigger("k", tc.sent).is(http.StatusCreated).num("ticket", "location", "latitude"); got != tc.want {
			t.Errorf("after %s the ticket is at latitude %v, want %v", tc.sent, got, tc.want)
		}
	}
}

func TestAnotherKeyJoinsTheOpenTicketAndAlarmsAgainLouder(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum, ben := newPerson(t, s, "Ann"), newPerson(t, s, ""), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	first := ann.trigger("one", `{"emergencyType":"theft"}`).is(http.StatusCreated)
	ann.trusts(ben, "Ben")
	second := ann.trigger("two", `{"emergencyType":"theft","description":"he is back"}`).is(http.StatusOK)
	if second.str("ticket", "id") != first.str("ticket", "id") || first.str("ticket", "priority") != "medium" || second.str("ticket", "priority") != "high" ||
		second.str("ticket", "description") != "he is back" || second.num("contactsNotified") != 2 {
		t.Errorf("answered %s", second.text)
	}
	if replay := ann.trigger("two", `{"emergencyType":"theft","description":"he is back"}`).is(http.StatusOK); replay.num("ticket", "version") != second.num("ticket", "version") {
		t.Errorf("the replay of the second press changed the ticket: %s", replay.text)
	}
	count := map[string]int{}
	for _, alert := range s.AwaitAlerts(3) {
		count[alert.Recipient]++
	}
	if count[mum.id] != 2 || count[ben.id] != 1 {
		t.Errorf("alerts: %v", count)
	}
}

func TestADrillIsMarkedAndNeverMeetsARealEmergency(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	drill := ann.trigger("d", `{"drill":true}`).is(http.StatusCreated)
	real := ann.trigger("r", `{}`).is(http.StatusCreated)
	if drill.str("ticket", "id") == real.str("ticket", "id") || drill.at("ticket", "drill") != true || real.at("ticket", "drill") != false {
		t.Errorf("drill %s, real %s", drill.text, real.text)
	}
	for _, alert := range s.AwaitAlerts(2) {
		if alert.Drill != (alert.TicketID == drill.str("ticket", "id")) || alert.Drill != strings.HasPrefix(alert.Title, "Drill: ") {
			t.Errorf("alert: %+v", alert)
		}
	}
}

func TestACountdownSendsByItself(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	a := ann.trigger("k", `{"countdownSeconds":10}`).is(http.StatusCreated)
	id := a.str("ticket", "id")
	if a.str("ticket", "status") != "countdown" || a.str("ticket", "countdownEndsAt") == "" || a.num("contactsNotified") != 0 {
		t.Errorf("answered %s", a.text)
	}
	mum.get("/v1/sos/tickets/"+id).refused(http.StatusNotFound, "not_found")
	s.Advance(9 * time.Second)
	if got := ann.get("/v1/sos/tickets/" + id).str("status"); got != "countdown" {
		t.Fatalf("after nine seconds: %s", got)
	}
	s.Advance(time.Second)
	if got := ann.get("/v1/sos/tickets/" + id).is(http.StatusOK); got.str("status") != "pending" || got.at("countdownEndsAt") != nil {
		t.Fatalf("after ten seconds: %s", got.text)
	}
	if alerts := s.AwaitAlerts(1); alerts[0].Recipient != mum.id || alerts[0].Kind != "sos.triggered" {
		t.Errorf("alerts: %+v", alerts)
	}
	mum.get("/v1/sos/tickets/" + id).is(http.StatusOK)
}

func TestACountdownThatIsTakenBackIsNobodysBusiness(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	id := ann.opened(`{"countdownSeconds":10}`)
	if a := ann.command(id, "cancel").is(http.StatusOK); a.str("status") != "cancelled" || a.str("outcome") != "false_alarm" {
		t.Errorf("answered %s", a.text)
	}
	s.Advance(time.Minute)
	mum.with("Bearer "+s.Token(mum.id)).get("/v1/sos/tickets/"+id).refused(http.StatusNotFound, "not_found")
	ann.with("Bearer " + s.Token(ann.id)).opened(`{}`)
	if alerts := s.AwaitAlerts(1); len(alerts) != 1 || alerts[0].TicketID == id {
		t.Errorf("alerts: %+v", alerts)
	}
}

func TestPressingDuringACountdownSendsNow(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	id := ann.opened(`{"countdownSeconds":30,"emergencyType":"theft"}`)
	a := ann.trigger("again", `{"emergencyType":"violence","countdownSeconds":30}`).is(http.StatusOK)
	if a.str("ticket", "id") != id || a.str("ticket", "status") != "pending" || a.str("ticket", "priority") != "high" || a.num("contactsNotified") != 1 {
		t.Errorf("answered %s", a.text)
	}
	ann.command(id, "send-now").is(http.StatusOK)
	if alerts := s.AwaitAlerts(1); len(alerts) != 1 {
		t.Errorf("alerts: %+v", alerts)
	}
}

func TestAKeyOfAnOldClosedTicketSoundsANewAlarm(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	first := ann.trigger("1", `{}`).is(http.StatusCreated).str("ticket", "id")
	ann.command(first, "resolve").is(http.StatusOK)
	if again := ann.trigger("1", `{}`).is(http.StatusCreated); again.str("ticket", "id") != first || again.str("ticket", "status") != "resolved" {
		t.Errorf("the same day: %s", again.text)
	}
	s.Advance(25 * time.Hour)
	ann = ann.with("Bearer " + s.Token(ann.id))
	next := ann.trigger("1", `{}`).is(http.StatusCreated)
	if next.str("ticket", "id") == first || next.str("ticket", "status") != "pending" {
		t.Errorf("a day later: %s", next.text)
	}
	if again := ann.trigger("1", `{}`).is(http.StatusCreated); again.str("ticket", "id") != next.str("ticket", "id") || again.num("ticket", "version") != 1 {
		t.Errorf("a day later, again: %s", again.text)
	}
}

func TestATriggerIsTakenWithWhateverProvesWhoCalls(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	session := idgen.NewV7()
	id := ann.trigger("k", `{}`).is(http.StatusCreated).str("ticket", "id")
	expired := ann.with("Bearer " + s.TokenWith(ann.id, sostest.TokenOptions{Expired: true, Session: session}))
	if a := expired.trigger("k", `{}`).is(http.StatusCreated); a.str("ticket", "id") != id || !a.warned("Authorization", "token_expired") {
		t.Errorf("an expired token: %s", a.text)
	}
	credential := ann.with("SOS " + s.SOSCredential(ann.id, session))
	if a := credential.trigger("k", `{}`).is(http.StatusCreated); a.str("ticket", "id") != id || len(a.items("warnings")) != 0 {
		t.Errorf("a SOS credential: %s", a.text)
	}
	s.SignOut(session)
	expired.trigger("k", `{}`).refused(http.StatusUnauthorized, "session_ended")
	credential.trigger("k", `{}`).refused(http.StatusUnauthorized, "session_ended")
	for name, proof := range map[string]string{
		"nothing": "", "a forged token": "Bearer x.y.z", "a scheme of another house": "Basic YTpi", "a credential as a token": "Bearer " + s.SOSCredential(ann.id, idgen.NewV7()),
		"a token as a credential": "SOS " + s.Token(ann.id), "a guest's secret": "Guest c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
	} {
		if a := ann.with(proof).trigger("k", `{}`).refused(http.StatusUnauthorized, "unauthenticated"); a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no challenge", name)
		}
	}
}

func TestATriggerIsNeverRefusedForItsContent(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	long := strings.Repeat("ü", 2001)
	for name, tc := range map[string]struct {
		body, field, code string
		check             string // a path in the ticket …
		want              any    // … and what it holds
	}{
		"nothing at all":           {``, "", "", "emergencyType", "other"},
		"no JSON":                  {`help`, "body", "unparsable", "emergencyType", "other"},
		"half of it":               {`{"emergencyType":"medical","loc`, "body", "unparsable", "emergencyType", "other"},
		"a list":                   {`[1,2]`, "body", "unparsable", "location", nil},
		"null":                     {`null`, "", "", "location", nil},
		"more than one value":      {`{"emergencyType":"fire"} {}`, "body", "unparsable", "emergencyType", "fire"},
		"a byte order mark":        {"\xef\xbb\xbf" + `{"emergencyType":"fire"}`, "", "", "emergencyType", "fire"},
		"a key given twice":        {`{"emergencyType":"fire","emergencyType":"theft"}`, "", "", "emergencyType", "theft"},
		"deep nesting":             {strings.Repeat("[", 8000), "body", "unparsable", "location", nil},
		"an unknown type":          {`{"emergencyType":"zombies"}`, "emergencyType", "unknown_value", "emergencyType", "other"},
		"a type that is a number":  {`{"emergencyType":7}`, "emergencyType", "invalid_type", "emergencyType", "other"},
		"a type in capitals":       {`{"emergencyType":" MEDICAL "}`, "", "", "emergencyType", "medical"},
		"an unknown field":         {`{"colour":"red"}`, "colour", "unknown_field", "emergencyType", "other"},
		"long text":                {`{"description":"` + long + `"}`, "description", "truncated", "description", strings.Repeat("ü", 2000)},
		"a NUL":                    {`{"description":"a\u0000b"}`, "description", "cleaned", "description", "ab"},
		"invalid UTF-8":            {"{\"description\":\"a\xffb\"}", "", "", "description", "a\uFFFDb"},
		"a lone surrogate":         {`{"description":"a\ud800b"}`, "", "", "description", "a\uFFFDb"},
		"text that is an object":   {`{"address":{}}`, "address", "invalid_type", "address", nil},
		"a drill that is text":     {`{"drill":"yes"}`, "drill", "invalid_type", "drill", false},
		"a time that is none":      {`{"occurredAt":"yesterday"}`, "occurredAt", "invalid_type", "emergencyType", "other"},
		"a time before time":       {`{"occurredAt":"0000-01-01T00:00:00Z"}`, "occurredAt", "invalid_type", "emergencyType", "other"},
		"a long countdown":         {`{"countdownSeconds":300}`, "countdownSeconds", "out_of_range", "status", "countdown"},
		"a negative countdown":     {`{"countdownSeconds":-1}`, "countdownSeconds", "out_of_range", "status", "pending"},
		"a countdown that is text": {`{"countdownSeconds":"10"}`, "countdownSeconds", "invalid_type", "status", "pending"},
		"a countdown beyond":       {`{"countdownSeconds":1e400}`, "countdownSeconds", "invalid_type", "status", "pending"},
		"a place that is text":     {`{"location":"here"}`, "location", "invalid_type", "location", nil},
		"a place without a side":   {`{"location":{"latitude":1}}`, "location.longitude", "missing", "location", nil},
		"a place beyond the pole":  {`{"location":{"latitude":90.001,"longitude":0}}`, "location.latitude", "out_of_range", "location", nil},
		"a place that is NaN":      {`{"location":{"latitude":"NaN","longitude":0}}`, "location.latitude", "invalid_type", "location", nil},
		"a place without end":      {`{"location":{"latitude":1e400,"longitude":0}}`, "location.latitude", "invalid_type", "location", nil},
		"a place far to the east":  {`{"location":{"latitude":1,"longitude":361}}`, "location.longitude", "out_of_range", "location", nil},
		"a null place":             {`{"location":null}`, "", "", "location", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t, s, "")
			a := p.trigger("k", tc.body).is(http.StatusCreated)
			if tc.field == "" && len(a.items("warnings")) > 0 || tc.field != "" && !a.warned(tc.field, tc.code) {
				t.Errorf("warnings: %v", a.items("warnings"))
			}
			if got := a.at("ticket", tc.check); got != tc.want {
				t.Errorf("%s is %v, want %v", tc.check, got, tc.want)
			}
		})
	}
}

func TestAPlaceIsKeptWhateverComesWithIt(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	for name, tc := range map[string]struct {
		location, field, code, check string
		want                         any
	}{
		"a longitude past the date line": {`"latitude":1,"longitude":190`, "location.longitude", "normalized", "longitude", -170.0},
		"a longitude past it westwards":  {`"latitude":1,"longitude":-200.5`, "location.longitude", "normalized", "longitude", 159.5},
		"nowhere":                        {`"latitude":0,"longitude":0`, "location", "suspicious", "latitude", 0.0},
		"a negative accuracy":            {`"latitude":1,"longitude":2,"accuracy":-1`, "location.accuracy", "out_of_range", "accuracy", nil},
		"a battery of 140 %":             {`"latitude":1,"longitude":2,"battery":140`, "location.battery", "out_of_range", "battery", nil},
		"a speed that is text":           {`"latitude":1,"longitude":2,"speed":"fast"`, "location.speed", "invalid_type", "speed", nil},
		"a heading of 361":               {`"latitude":1,"longitude":2,"heading":361`, "location.heading", "out_of_range", "heading", nil},
		"an altitude beyond":             {`"latitude":1,"longitude":2,"altitude":1e400`, "location.altitude", "invalid_type", "altitude", nil},
		"a capture time that is none":    {`"latitude":1,"longitude":2,"capturedAt":12`, "location.capturedAt", "invalid_type", "capturedAt", nil},
		"a field of tomorrow":            {`"latitude":1,"longitude":2,"floor":3`, "location.floor", "unknown_field", "latitude", 1.0},
		"everything right":               {`"latitude":-90,"longitude":180,"accuracy":0,"altitude":-12,"speed":1.5,"heading":360,"battery":100,"source":"gps"`, "", "", "source", "gps"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newPerson(t, s, "").trigger("k", `{"location":{`+tc.location+`}}`).is(http.StatusCreated)
			if tc.field == "" && len(a.items("warnings")) > 0 || tc.field != "" && !a.warned(tc.field, tc.code) {
				t.Errorf("warnings: %v", a.items("warnings"))
			}
			if got := a.at("ticket", "location", tc.check); got != tc.want {
				t.Errorf("%s is %v, want %v", tc.check, got, tc.want)
			}
		})
	}
}

func TestABadKeyCostsOnlyAWarning(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	for name, tc := range map[string]struct {
		headers []string
		code    string
	}{
		"none":          {nil, "missing"},
		"empty":         {[]string{"Idempotency-Key: "}, "invalid_key"},
		"too long":      {[]string{"Idempotency-Key: " + strings.Repeat("k", 256)}, "invalid_key"},
		"with a space":  {[]string{"Idempotency-Key: a b"}, "invalid_key"},
		"not ASCII":     {[]string{"Idempotency-Key: schlüssel"}, "invalid_key"},
		"two":           {[]string{"Idempotency-Key: a", "Idempotency-Key: b"}, "invalid_key"},
		"as long as is": {[]string{"Idempotency-Key: " + strings.Repeat("~", 255)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t, s, "")
			a := p.post("/v1/sos/tickets", `{}`, tc.headers...).is(http.StatusCreated)
			if warned := a.warned("Idempotency-Key", tc.code); warned != (tc.code != "") {
				t.Errorf("warnings: %v", a.items("warnings"))
			}
		})
	}
}

func TestATriggerTakesAnyContentType(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "nonsense", ""} {
		p := newPerson(t, s, "")
		a := p.post("/v1/sos/tickets", `{"emergencyType":"fire"}`, "Content-Type: "+contentType, "Idempotency-Key: k").is(http.StatusCreated)
		if a.str("ticket", "emergencyType") != "fire" {
			t.Errorf("as %q: %s", contentType, a.text)
		}
	}
}

func TestOnlyAnEnormousTriggerIsRefused(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	p := newPerson(t, s, "")
	full := `{"description":"` + strings.Repeat("x", 16<<10-18) + `"}`
	p.trigger("k", full).is(http.StatusCreated)
	p.trigger("k", full+" ").refused(http.StatusRequestEntityTooLarge, "payload_too_large")
	p.with("").trigger("k", full+" ").refused(http.StatusUnauthorized, "unauthenticated")
}

func TestFiftyTriggersOfOneKeyAtOnceAreOneTicket(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	ann.patient = true // whoever waits two seconds for the others' turns is told to dial, and tries again
	tickets := atOnce(50, func(int) answer { return ann.trigger("k", `{}`) })
	if len(tickets) != 1 {
		t.Errorf("%d tickets", len(tickets))
	}
	for id := range tickets {
		ann.command(id, "resolve").is(http.StatusOK)
	}
	if alerts := s.AwaitAlerts(2); len(alerts) != 2 || alerts[1].Kind != "sos.resolved" {
		t.Errorf("alerts: %+v", alerts)
	}
}

func TestAHundredTriggersOfDifferentKeysAtOnceAreOneOpenTicket(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	ann.patient = true // as above
	tickets := atOnce(100, func(i int) answer { return ann.trigger(fmt.Sprint("k", i), `{}`) })
	if len(tickets) != 1 {
		t.Errorf("%d tickets", len(tickets))
	}
}

// atOnce sends n triggers side by side, all of which must be taken, and counts the tickets that they led to.
func atOnce(n int, trigger func(i int) answer) map[string]int {
	var mu sync.Mutex
	var group sync.WaitGroup
	tickets := map[string]int{}
	for i := range n {
		group.Go(func() {
			a := trigger(i)
			mu.Lock()
			defer mu.Unlock()
			if a.status != http.StatusCreated && a.status != http.StatusOK {
				a.tb.Errorf("status %d: %s", a.status, a.text)
			}
			tickets[a.str("ticket", "id")]++
		})
	}
	group.Wait()
	return tickets
}

func TestWithoutTheDatabaseATriggerSaysWhatToDial(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	s.SetDatabaseAway(true)
	a := ann.trigger("k", `{"emergencyType":"medical","location":{"latitude":52.52,"longitude":13.405}}`).refused(http.StatusServiceUnavailable, "unavailable")
	if a.str("fallback", "tel") != "112" || !strings.Contains(a.str("fallback", "smsText"), "52.52000,13.40500") || a.header.Get("Retry-After") == "" {
		t.Errorf("answered %s", a.text)
	}
	ann.get("/v1/sos/contacts").refused(http.StatusServiceUnavailable, "unavailable")
	s.SetDatabaseAway(false)
	ann.trigger("k", `{}`).is(http.StatusCreated)
}
