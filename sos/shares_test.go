package sos_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/sostest"
)

// shares makes a link and gives its id and token.
func (p person) shares(ticket, body string) (id, token string) {
	p.tb.Helper()
	a := p.post("/v1/sos/tickets/"+ticket+"/shares", body).is(http.StatusCreated)
	_, token, found := strings.Cut(a.str("url"), "/track#")
	if !found || len(token) != 43 {
		p.tb.Fatalf("the link is %s", a.text)
	}
	return a.str("id"), token
}

// byLink asks with a link's token, as anybody can.
func (p person) byLink(what, token string) answer {
	p.tb.Helper()
	return p.with("").post("/v1/sos/public/"+what, `{"token":"`+token+`"}`)
}

// contactOf is the id of the contact whom the owner calls so.
func (p person) contactOf(name string) string {
	p.tb.Helper()
	for _, c := range p.get(contactsPath).is(http.StatusOK).items("items") {
		if c["name"] == name {
			id, _ := c["id"].(string)
			return id
		}
	}
	p.tb.Fatalf("no contact %s", name)
	return ""
}

func TestALinkLetsItsHolderFollow(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{PublicURL: "https://love.example/"})
	ann := newPerson(t, s, "Ann Archer")
	ann.post(contactsPath, `{"name":"Ben"}`).is(http.StatusCreated) // by now the service knows her name
	ticket := ann.opened(`{"emergencyType":"fire","description":"secret","address":"Main St 1","location":{"latitude":52.5,"longitude":13.4}}`)
	path := "/v1/sos/tickets/" + ticket + "/shares"
	made := ann.post(path, `{"name":"Neighbour"}`, "Idempotency-Key: k").is(http.StatusCreated)
	if !strings.HasPrefix(made.str("url"), "https://love.example/track#") {
		t.Errorf("the link: %s", made.text)
	}
	if again := ann.post(path, `{"name":"Neighbour"}`, "Idempotency-Key: k").is(http.StatusCreated); again.text != made.text {
		t.Errorf("first %s, then %s", made.text, again.text)
	}
	_, token, _ := strings.Cut(made.str("url"), "#")
	view := ann.byLink("track", token).is(http.StatusOK)
	if view.str("reporter", "firstName") != "Ann" || view.num("location", "latitude") != 52.5 || view.at("canAcknowledge") != false || view.str("status") != "pending" {
		t.Errorf("seen: %s", view.text)
	}
	for _, hidden := range []string{"Archer", "secret", "Main St", ticket, ann.id} {
		if strings.Contains(view.text, hidden) {
			t.Errorf("%q is shown: %s", hidden, view.text)
		}
	}
	list := ann.get(path).is(http.StatusOK).items("items")
	if len(list) != 1 || list[0]["url"] != made.str("url") || list[0]["name"] != "Neighbour" || list[0]["revokedAt"] != nil {
		t.Errorf("listed: %v", list)
	}
	ann.command(ticket, "resolve").is(http.StatusOK)
	if after := ann.byLink("track", token).is(http.StatusOK); after.at("location") != nil || after.str("status") != "resolved" {
		t.Errorf("after the end: %s", after.text)
	}
	ann.post(path, ``).refused(http.StatusConflict, "ticket_closed")
	s.Advance(24*time.Hour - time.Minute)
	ann.byLink("track", token).is(http.StatusOK)
	s.Advance(2 * time.Minute)
	ann.byLink("track", token).refused(http.StatusNotFound, "not_found")
}

func TestUnknownExpiredAndRevokedLinksAreOneAnswer(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	id, token := c.ann.shares(c.ticket, ``)
	_, old := c.ann.shares(c.ticket, ``)
	for _, other := range []person{c.mum, c.staff, c.stranger} {
		other.do(http.MethodDelete, "/v1/sos/shares/"+id, "").refused(http.StatusNotFound, "not_found")
	}
	c.ann.byLink("track", token).is(http.StatusOK)
	for range 2 {
		c.ann.do(http.MethodDelete, "/v1/sos/shares/"+id, "").is(http.StatusNoContent)
	}
	c.Advance(7*24*time.Hour - time.Hour)
	c.ann.byLink("track", old).is(http.StatusOK)
	c.Advance(2 * time.Hour)
	unknown := problemOf(c.ann.byLink("track", strings.Repeat("A", 43)))
	for name, dead := range map[string]string{"revoked": token, "expired": old, "nonsense": "é", "another": strings.Repeat("b", 43)} {
		for _, what := range []string{"track", "ack", "stream"} {
			if got := problemOf(c.ann.byLink(what, dead)); got != unknown {
				t.Errorf("%s, %s: %s, unknown: %s", name, what, got, unknown)
			}
		}
	}
	for _, what := range []string{"track", "ack", "stream"} {
		c.ann.post("/v1/sos/public/"+what, `{}`).refused(http.StatusUnprocessableEntity, "validation_failed")
		c.ann.post("/v1/sos/public/"+what, `{"token":7}`).refused(http.StatusUnprocessableEntity, "validation_failed")
		c.ann.post("/v1/sos/public/"+what, ``).refused(http.StatusBadRequest, "malformed_json")
	}
}

// problemOf is the answer without what differs each time.
func problemOf(a answer) string {
	delete(a.body, "requestId")
	text, _ := json.Marshal(a.body)
	return http.StatusText(a.status) + " " + string(text)
}

func TestOnlyAContactsOwnLinkAcknowledges(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	_, own := c.ann.shares(c.ticket, `{"contactId":"`+strings.ToUpper(c.ann.contactOf("Mum"))+`"}`)
	_, general := c.ann.shares(c.ticket, `{"name":"Neighbour"}`)
	if view := c.ann.byLink("track", own).is(http.StatusOK); view.at("canAcknowledge") != true || view.at("acknowledged") != false {
		t.Errorf("to open a link is to acknowledge: %s", view.text)
	}
	c.ann.byLink("ack", general).refused(http.StatusForbidden, "forbidden")
	for range 2 {
		if view := c.ann.byLink("ack", own).is(http.StatusOK); view.at("acknowledged") != true {
			t.Errorf("acknowledged: %s", view.text)
		}
	}
	if by := c.ann.get(c.path("")).is(http.StatusOK); by.str("acknowledgedBy", "name") != "Mum" || by.str("acknowledgedBy", "kind") != "contact" {
		t.Errorf("the ticket: %s", by.text)
	}
	c.ann.command(c.ticket, "cancel").is(http.StatusOK)
	c.ann.byLink("ack", own).is(http.StatusOK) // a repeat of what is done
	c.ann.post(c.path("/shares"), `{"contactId":"x"}`).refused(http.StatusUnprocessableEntity, "validation_failed")
}

func TestLinksAreTheReportersToMake(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for _, helper := range []person{c.mum, c.staff} {
		helper.post(c.path("/shares"), ``).refused(http.StatusForbidden, "forbidden")
		helper.get(c.path("/shares")).refused(http.StatusForbidden, "forbidden")
	}
	c.stranger.post(c.path("/shares"), ``).refused(http.StatusNotFound, "not_found")
	c.stranger.get(c.path("/shares")).refused(http.StatusNotFound, "not_found")
	c.ann.post(c.path("/shares"), `{"contactId":"00000000-0000-7000-8000-000000000000"}`).refused(http.StatusUnprocessableEntity, "validation_failed")
	for range 20 {
		c.ann.shares(c.ticket, ``)
	}
	c.ann.post(c.path("/shares"), ``).refused(http.StatusConflict, "share_limit")
	gil := newGuest(t, c.SOS)
	_, token := gil.shares(gil.pressed(`{}`), ``)
	gil.byLink("track", token).is(http.StatusOK)
}

// listener reads a stream of server-sent events.
type listener struct {
	tb     testing.TB
	events chan string // "name data"; closed at the end
	header http.Header
}

func (p person) listens(token string) listener {
	p.tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/sos/public/stream", strings.NewReader(`{"token":"`+token+`"}`))
	if err != nil {
		p.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		p.tb.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		p.tb.Fatalf("stream: %d %s", res.StatusCode, text)
	}
	l := listener{p.tb, make(chan string, 100), res.Header}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(l.events)
		defer func() { _ = res.Body.Close() }()
		name := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if after, found := strings.CutPrefix(lines.Text(), "event: "); found {
				name = after
			}
			if after, found := strings.CutPrefix(lines.Text(), "data: "); found {
				l.events <- name + " " + after
			}
		}
	}()
	p.tb.Cleanup(func() {
		cancel()
		<-done
	})
	return l
}

// next is the next event; "" after the last.
func (l listener) next() string {
	l.tb.Helper()
	select {
	case e := <-l.events:
		return e
	case <-time.After(30 * time.Second):
		l.tb.Fatal("no event in thirty seconds")
		return ""
	}
}

func TestAStreamShowsEachChangeAndEndsWithTheEmergency(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	_, token := c.ann.shares(c.ticket, ``)
	l := c.ann.listens(token)
	if e := l.next(); !strings.HasPrefix(e, "view {") || !strings.Contains(e, `"acknowledged":false`) || l.header.Get("Content-Type") != "text/event-stream" || l.header.Get("Cache-Control") != "no-store" {
		t.Errorf("first %s, %v", e, l.header)
	}
	c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	if e := l.next(); !strings.Contains(e, `"acknowledged":true`) {
		t.Errorf("then %s", e)
	}
	c.ann.command(c.ticket, "resolve").is(http.StatusOK)
	if e := l.next(); !strings.Contains(e, `"status":"resolved"`) || !strings.Contains(e, `"location":null`) {
		t.Errorf("then %s", e)
	}
	if end, after := l.next(), l.next(); end != "end {}" || after != "" {
		t.Errorf("ended with %q, %q", end, after)
	}
	over := c.ann.listens(token)
	if view, end := over.next(), over.next(); !strings.Contains(view, `"status":"resolved"`) || end != "end {}" {
		t.Errorf("after the end: %q, %q", view, end)
	}
}

func TestAStreamEndsWhenItsLinkIsRevokedAndOthersGoOn(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	id, token := c.ann.shares(c.ticket, ``)
	_, other := c.ann.shares(c.ticket, ``)
	one, two := c.ann.listens(token), c.ann.listens(other)
	one.next()
	two.next()
	c.ann.do(http.MethodDelete, "/v1/sos/shares/"+id, "").is(http.StatusNoContent)
	if end, after := one.next(), one.next(); end != "end {}" || after != "" {
		t.Errorf("ended with %q, %q", end, after)
	}
	c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	if e := two.next(); !strings.Contains(e, `"acknowledged":true`) {
		t.Errorf("the other sees %s", e)
	}
}

func TestALinkHasTwentyFollowersAtMost(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	_, token := c.ann.shares(c.ticket, ``)
	for range 20 {
		c.ann.listens(token).next()
	}
	if a := c.ann.byLink("stream", token).refused(http.StatusServiceUnavailable, "unavailable"); a.header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After: %s", a.text)
	}
	c.ann.byLink("track", token).is(http.StatusOK)
}
