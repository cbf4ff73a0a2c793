package sos_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/sostest"
)

const (
	policyPath = "/v1/admin/sos/escalation-policy"
	allPath    = "/v1/admin/sos/tickets"
	statsPath  = "/v1/admin/sos/stats"
)

func (p person) put(path, body string) answer {
	p.tb.Helper()
	return p.do(http.MethodPut, path, body)
}

func (c scene) assignPath() string { return allPath + "/" + c.ticket + "/assign" }

func TestOnlyAdministratorsOversee(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for _, who := range []person{c.ann, c.mum, c.stranger} {
		who.get(allPath).refused(http.StatusForbidden, "forbidden")
		who.get(policyPath).refused(http.StatusForbidden, "forbidden")
		who.get(statsPath).refused(http.StatusForbidden, "forbidden")
		who.put(policyPath, `{}`).refused(http.StatusForbidden, "forbidden")
		who.post(c.assignPath(), "").refused(http.StatusForbidden, "forbidden")
	}
	volunteer := c.stranger.with("Bearer " + c.TokenWith("v", sostest.TokenOptions{Role: "VOLUNTEER"}))
	volunteer.get(allPath).refused(http.StatusForbidden, "forbidden")
	super := c.stranger.with("Bearer " + c.TokenWith("s", sostest.TokenOptions{Role: "SUPER_ADMIN"}))
	super.get(allPath).is(http.StatusOK)
	c.stranger.with("").get(allPath).refused(http.StatusUnauthorized, "unauthenticated")
	c.staff.with("Bearer "+c.TokenWith(c.staff.id, sostest.TokenOptions{Role: "ADMIN", Expired: true})).get(allPath).refused(http.StatusUnauthorized, "token_expired")
}

// Who may have lost the role unnoticed waits; whoever needs help does not.
func TestWithoutAuthAndRedisAdministratorsWaitAndNobodyElse(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.SilenceAuthAndRedis(true)
	for _, refused := range []answer{c.staff.get(allPath), c.staff.get(statsPath), c.staff.put(policyPath, `{}`), c.staff.post(c.assignPath(), "")} {
		refused.refused(http.StatusServiceUnavailable, "unavailable")
	}
	c.ann.get(allPath).refused(http.StatusForbidden, "forbidden")
	c.staff.get(c.path("")).is(http.StatusOK)
	c.ann.get(c.path("")).is(http.StatusOK)
	c.stranger.post("/v1/sos/tickets", "").is(http.StatusCreated)
	c.SilenceAuthAndRedis(false)
	c.staff.get(allPath).is(http.StatusOK)
}

func TestADispatcherTakesATicket(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	a := c.staff.post(c.assignPath(), "").is(http.StatusOK)
	if a.str("status") != "in_progress" || a.str("id") != c.ticket {
		t.Errorf("answered %s", a.text)
	}
	mustBe(t, c.toldSince(2, 3), "ann sos.assigned", "ben sos.assigned", "mum sos.assigned")
	if again := c.staff.post(c.assignPath(), `{}`).is(http.StatusOK); again.num("version") != a.num("version") {
		t.Errorf("a repeat changed the ticket: %s", again.text)
	}
	c.Advance(10 * time.Minute)
	if alerts := c.Alerts(); len(alerts) != 5 {
		t.Errorf("the escalation went on: %+v", alerts[5:])
	}
	staff := c.staff.with("Bearer " + c.TokenWith(c.staff.id, sostest.TokenOptions{Role: "ADMIN"}))
	c.Advance(20 * time.Minute)
	staff = staff.with("Bearer " + c.TokenWith(c.staff.id, sostest.TokenOptions{Role: "ADMIN"}))
	if a := staff.get(c.path("")).is(http.StatusOK); a.str("status") != "pending" {
		t.Errorf("half an hour without a sign of life: %s", a.text)
	}
	mustBe(t, c.toldSince(5, 2), "ben sos.triggered", "mum sos.triggered")
}

func TestATicketIsGivenToThoseWhoCanSeeIt(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.SetStaff(c.staff.id, "night desk")
	c.staff.post(c.assignPath(), `{"userId":"night desk"}`).is(http.StatusOK)
	c.staff.post(c.assignPath(), `{"userId":"`+c.mum.id+`"}`).is(http.StatusOK)
	if a := c.staff.post(c.assignPath(), `{"userId":"`+c.stranger.id+`"}`).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != "userId" {
		t.Errorf("answered %s", a.text)
	}
	for body, code := range map[string]string{
		`{"userId":""}`: "validation_failed", `{"userId":7}`: "validation_failed", `{"userId":"` + strings.Repeat("x", 129) + `"}`: "validation_failed",
		`{"user":"x"}`: "unknown_field",
	} {
		c.staff.post(c.assignPath(), body).refused(http.StatusUnprocessableEntity, code)
	}
	c.staff.post(c.assignPath(), `{"userId":`).refused(http.StatusBadRequest, "malformed_json")
	c.staff.post(allPath+"/x/assign", "").refused(http.StatusNotFound, "not_found")
	c.staff.post(allPath+"/01900000-0000-7000-8000-000000000000/assign", "").refused(http.StatusNotFound, "not_found")
	c.ann.command(c.ticket, "resolve").is(http.StatusOK)
	if a := c.staff.post(c.assignPath(), "").refused(http.StatusConflict, "invalid_transition"); a.at("allowed") == nil {
		t.Errorf("answered %s", a.text)
	}
}

func TestStaffLookThroughAllTickets(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	drill := c.mum.opened(`{"drill":true}`)
	c.ben.opened(`{}`)
	ids := func(query string) (ids []string) {
		t.Helper()
		for cursor := ""; ; {
			a := c.staff.get(allPath + "?limit=1" + query + cursor).is(http.StatusOK)
			for _, item := range a.items("items") {
				id, _ := item["id"].(string)
				ids = append(ids, id)
			}
			if a.at("nextCursor") == nil {
				return ids
			}
			cursor = "&cursor=" + a.str("nextCursor")
		}
	}
	if all, drills, real := ids(""), ids("&drill=true"), ids("&drill=false&status=pending"); len(all) != 3 || len(real) != 2 ||
		!slices.Equal(drills, []string{drill}) || real[1] != c.ticket {
		t.Errorf("all %v, drills %v, real %v", all, drills, real)
	}
	for query, fields := range map[string]string{"?drill=maybe&status=x": "status drill", "?limit=0": "limit", "?drill=true&drill=true": "drill"} {
		if a := c.staff.get(allPath+query).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != fields {
			t.Errorf("%s: %s", query, a.text)
		}
	}
	c.staff.get(allPath + "?cursor=x").is(http.StatusBadRequest)
}

func TestStatsTellHowFastPeopleAnswer(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	if a := c.staff.get(statsPath).is(http.StatusOK); a.num("tickets", "pending") != 1 || a.at("acknowledgement", "p50Ms") != nil {
		t.Errorf("answered %s", a.text)
	}
	c.Advance(30 * time.Second)
	c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	a := c.staff.get(statsPath + "?days=1").is(http.StatusOK)
	if p50 := a.num("acknowledgement", "p50Ms"); a.num("acknowledgement", "count") != 1 || p50 < 30_000 || p50 > 60_000 || len(a.items("escalations")) != 1 {
		t.Errorf("answered %s", a.text)
	}
	if a := c.staff.get(statsPath + "?drill=true").is(http.StatusOK); a.num("tickets", "pending") != 0 || a.at("drill") != true {
		t.Errorf("drills: %s", a.text)
	}
	for query, fields := range map[string]string{"?days=0": "days", "?days=91": "days", "?days=x": "days", "?days=1&days=2": "days", "?drill=1": "drill"} {
		if a := c.staff.get(statsPath+query).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != fields {
			t.Errorf("%s: %s", query, a.text)
		}
	}
}

// brisk is a policy of two levels, ten seconds apart.
const brisk = `{"levels":[{"afterSeconds":0,"targets":[{"who":"contacts","channels":["push"]}]},
	{"afterSeconds":10,"targets":[{"who":"dispatchers","channels":["socket","sms"]}]}],"repeatSeconds":10}`

func TestAnAdministratorChangesWhoIsToldWhenNobodyAnswers(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.SetStaff(c.staff.id)
	if a := c.staff.get(policyPath).is(http.StatusOK); a.num("version") != 0 || len(a.items("levels")) != 3 || a.at("updatedAt") != nil {
		t.Errorf("built in: %s", a.text)
	}
	a := c.staff.put(policyPath, brisk).is(http.StatusOK)
	if a.num("version") != 1 || a.num("repeatSeconds") != 10 || a.num("noShowSeconds") != 1800 || a.str("updatedBy") != c.staff.id || a.str("updatedAt") == "" {
		t.Errorf("stored: %s", a.text)
	}
	if again := c.staff.put(policyPath, brisk).is(http.StatusOK); again.text != a.text || c.staff.get(policyPath).text != a.text {
		t.Errorf("the same again: %s", again.text)
	}
	c.ben.trusts(c.mum, "Mum")
	c.ben.opened(`{}`)
	c.AwaitAlerts(3)
	c.Advance(11 * time.Second)
	told := c.AwaitAlerts(4)[3]
	if told.Recipient != c.staff.id || told.Kind != "sos.escalated" || told.Level != 1 || !slices.Equal(told.Channels, []string{"socket", "sms"}) || told.Priority != "critical" {
		t.Errorf("told: %+v", told)
	}
	if a := c.ann.get(c.path("")).is(http.StatusOK); a.num("escalationLevel") != 0 {
		t.Errorf("the open ticket follows the new policy: %s", a.text)
	}
}

func TestAPolicyThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	staff := newStaff(t, s)
	for body, fields := range map[string]string{
		`{}`: "levels",
		`{"levels":[{"afterSeconds":5,"targets":[{"who":"police","channels":[]}]}],"repeatSeconds":1,"noShowSeconds":99999999999999}`: "levels[0].afterSeconds levels[0].targets[0].who levels[0].targets[0].channels repeatSeconds noShowSeconds",
		`{"levels":[{"afterSeconds":-9223372036854775808,"targets":[{"who":"contacts","channels":["fax"]}]}]}`:                        "levels[0].afterSeconds levels[0].targets[0].channels[0]",
	} {
		if a := staff.put(policyPath, body).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != fields {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	staff.put(policyPath, `{"levels":[],"colour":"red"}`).refused(http.StatusUnprocessableEntity, "unknown_field")
	staff.put(policyPath, `{"levels":[{"afterSeconds":"0"}]}`).is(http.StatusUnprocessableEntity)
	staff.put(policyPath, `{"levels":[]`).refused(http.StatusBadRequest, "malformed_json")
	staff.put(policyPath, "").refused(http.StatusBadRequest, "malformed_json")
	staff.put(policyPath, strings.Replace(brisk, `{"levels"`, `{"version":3,"levels"`, 1)).refused(http.StatusConflict, "version_conflict")
	staff.put(policyPath, strings.Replace(brisk, `{"levels"`, `{"version":0,"levels"`, 1)).is(http.StatusOK)
	if a := staff.get(policyPath).is(http.StatusOK); a.num("version") != 1 {
		t.Errorf("in force: %s", a.text)
	}
}

func TestNobodyAnswersAndEverybodyIsToldAgain(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.SetStaff(c.staff.id)
	c.Advance(61 * time.Second)
	mustBe(t, c.toldSince(2, 2), "ben sos.escalated", "mum sos.escalated")
	c.Advance(60 * time.Second)
	mustBe(t, c.toldSince(4, 3), "ben sos.escalated", "mum sos.escalated", "staff sos.escalated")
	if a := c.ann.get(c.path("")).is(http.StatusOK); a.num("escalationLevel") != 2 {
		t.Errorf("the ticket: %s", a.text)
	}
	var late []any
	for _, e := range c.ann.get(c.path("/timeline")).is(http.StatusOK).items("items") {
		if e["kind"] == "escalated" {
			data, _ := e["data"].(map[string]any)
			late = append(late, data["lateByMs"])
		}
	}
	if len(late) != 2 || late[0] == nil {
		t.Errorf("late by %v", late)
	}
	c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	c.toldSince(7, 2)
	c.Advance(4 * time.Minute)
	if n := len(c.Alerts()); n != 9 {
		t.Errorf("told in the time that an acknowledgement gives: %+v", c.Alerts()[9:])
	}
	c.Advance(2 * time.Minute)
	mustBe(t, c.toldSince(9, 3), "ben sos.escalated", "mum sos.escalated", "staff sos.escalated")
}
