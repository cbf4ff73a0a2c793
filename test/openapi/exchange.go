package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	faults "github.com/pb33f/libopenapi-validator/errors"
)

// CheckRequest says what the request has that its service's file does not
// describe, "" where all is well. body is the request's, already read.
func (c *Contract) CheckRequest(r *http.Request, body []byte) string {
	f := c.fileOf(r)
	if f == nil {
		return fmt.Sprintf("%s %s is in no OpenAPI file", r.Method, r.URL.Path)
	}
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	if errs := f.checkRequest(copied); len(errs) > 0 {
		return fmt.Sprintf("request %s %s (%s):\n%s\n  body: %s", r.Method, r.URL.Path, f.service, explain(errs), beginning(body))
	}
	return ""
}

// CheckAnswer does the same for an answer; one to a route that no file knows
// must be a problem document that says so.
func (c *Contract) CheckAnswer(r *http.Request, answer *http.Response, body []byte) string {
	described := asGet(r)
	f := c.fileOf(described)
	if f == nil {
		return checkUndescribed(r, answer, body)
	}
	if r.Method == http.MethodHead { // no body to look at; its GET is checked where it is made
		return ""
	}
	copied := *answer
	copied.Body = io.NopCloser(bytes.NewReader(body))
	if errs := declared(answer.StatusCode, f.checkAnswer(described, &copied)); len(errs) > 0 {
		return fmt.Sprintf("answer %d to %s %s (%s):\n%s\n  body: %s", answer.StatusCode, r.Method, r.URL.Path, f.service, explain(errs), beginning(body))
	}
	return checkProblem(answer, body)
}

// declared drops complaints about members that a problem's schema does not have:
// RFC 9457 section 3.2 lets problems be extended.
func declared(status int, errs []*faults.ValidationError) []*faults.ValidationError {
	if status < http.StatusBadRequest {
		return errs
	}
	return slices.DeleteFunc(errs, func(e *faults.ValidationError) bool { return e.ValidationSubType == faults.StrictSubTypeProperty })
}

// everywhere are the headers that the gateway, and nginx before it, give to any
// answer; a file may name them, and need not.
func everywhere() []string {
	return []string{
		"X-Request-Id", "Traceparent", "RateLimit", "RateLimit-Policy", "Cache-Control", "Allow", "Retry-After", "WWW-Authenticate",
		"Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy",
		"Cross-Origin-Resource-Policy", "Permissions-Policy", "Access-Control-Allow-Origin", "Vary", "ETag", "Age", "Cache-Status", "Content-Encoding",
		"Server",
	}
}

func asGet(r *http.Request) *http.Request {
	if r.Method != http.MethodHead {
		return r
	}
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	return get
}

func checkUndescribed(r *http.Request, answer *http.Response, body []byte) string {
	switch answer.StatusCode {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusBadRequest:
		return checkProblem(answer, body)
	case http.StatusNoContent:
		if r.Method == http.MethodOptions {
			return ""
		}
	}
	return fmt.Sprintf("answer %d to %s %s, which is in no OpenAPI file", answer.StatusCode, r.Method, r.URL.Path)
}

// Problem is RFC 9457's document with the backend's extensions.
type Problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	Code      string  `json:"code"`
	RequestID string  `json:"requestId"`
	Errors    []Field `json:"errors"`
}

// Field is one wrong value of a request.
type Field struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// checkProblem: every error is a problem document whose parts agree with the answer around it.
func checkProblem(answer *http.Response, body []byte) string {
	if answer.StatusCode < http.StatusBadRequest || answer.Request != nil && answer.Request.Method == http.MethodHead {
		return ""
	}
	var p Problem
	wrong := ""
	switch err := json.Unmarshal(body, &p); {
	case answer.Header.Get("Content-Type") != "application/problem+json":
		wrong = "Content-Type is " + answer.Header.Get("Content-Type")
	case err != nil:
		wrong = err.Error()
	case p.Status != answer.StatusCode:
		wrong = fmt.Sprintf("its status is %d", p.Status)
	case p.Type == "" || p.Title == "" || p.Detail == "" || !isCode(p.Code):
		wrong = "type, title, detail or code (snake_case) is missing"
	case p.RequestID == "" || p.RequestID != answer.Header.Get("X-Request-Id"):
		wrong = fmt.Sprintf("requestId is %q and X-Request-Id %q", p.RequestID, answer.Header.Get("X-Request-Id"))
	case p.Status == http.StatusUnprocessableEntity && p.Code == "validation_failed" && len(p.Errors) == 0:
		wrong = "422 validation_failed names no field"
	}
	if wrong == "" {
		return ""
	}
	return fmt.Sprintf("answer %d is no problem document of RFC 9457: %s\n  body: %s", answer.StatusCode, wrong, beginning(body))
}

func isCode(code string) bool {
	return code != "" && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func explain(errs []*faults.ValidationError) string {
	var lines []string
	for _, e := range errs {
		lines = append(lines, "  "+e.Message+": "+e.Reason)
		for _, s := range e.SchemaValidationErrors {
			lines = append(lines, fmt.Sprintf("    %s %s", s.FieldPath, s.Reason))
		}
	}
	return strings.Join(lines, "\n")
}

// beginning is as much of a body as helps.
func beginning(body []byte) []byte {
	const enough = 400
	return body[:min(len(body), enough)]
}
