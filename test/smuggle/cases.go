package main

import "slices"

// example is one request, and what the gateway promises to do with it.
type example struct {
	group, name string
	payload     string
	status      []int  // any of them
	canary      string // lower case; must not reach the service
	meaning     string // what it means where it does
}

func cases() []example {
	return slices.Concat(framings(), lengths(), codings(), chunks(), lines(), hosts(), targets(), identities(), protocols())
}

const (
	getHead  = "GET /v1/sos/tickets/1/timeline HTTP/1.1\r\nHost: app.example\r\n"
	postHead = "POST /v1/sos/public/track HTTP/1.1\r\nHost: app.example\r\nContent-Type: application/json\r\n"
	// hidden is a request inside another.
	hidden = "GET " + smuggled + " HTTP/1.1\r\nHost: app.example\r\n\r\n"
)

func get(more string) string { return getHead + more + "\r\n" }

func post(more, body string) string { return postHead + more + "\r\n" + body }

func chunked(body string) string { return post("Transfer-Encoding: chunked\r\n", body) }

func group(name string, of ...example) []example {
	for i := range of {
		of[i].group = name
		if of[i].status == nil {
			of[i].status = []int{400}
		}
	}
	return of
}
