// Package openapi reads the services' OpenAPI files and holds what goes over
// the wire against them: a request or an answer that its file does not describe
// is a failed test.
package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	faults "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/paths"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// Contract is all the files together: what the gateway answers.
type Contract struct{ files []*file }

// file is one service's OpenAPI document, compiled once.
type file struct {
	service string
	model   *v3.Document

	mu    sync.Mutex // in strict mode the validator writes to the model while it validates
	check validator.Validator
}

func (f *file) checkRequest(r *http.Request) []*faults.ValidationError {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, errs := f.check.ValidateHttpRequestSync(r)
	return errs
}

func (f *file) checkAnswer(r *http.Request, answer *http.Response) []*faults.ValidationError {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, errs := f.check.ValidateHttpResponse(r, answer)
	return errs
}

// Load reads one file per service and refuses one that is no OpenAPI 3.1.
func Load(specs map[string][]byte) (*Contract, error) {
	c := &Contract{}
	var errs []error
	for service, text := range specs {
		f, err := load(service, text)
		if err != nil {
			errs = append(errs, fmt.Errorf("the OpenAPI file of %s: %w", service, err))
			continue
		}
		c.files = append(c.files, f)
	}
	return c, errors.Join(errs...)
}

func load(service string, text []byte) (*file, error) {
	doc, err := libopenapi.NewDocument(open(text))
	if err != nil {
		return nil, err
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		return nil, err
	}
	if version := model.Model.Version; len(version) < 3 || version[:3] != "3.1" {
		return nil, fmt.Errorf("is version %q, want 3.1", version)
	}
	check, errs := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithoutSecurityValidation(),
		config.WithStrictMode(), config.WithStrictIgnoredHeadersExtra(everywhere()...))
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if ok, faults := check.ValidateDocument(); !ok {
		return nil, errors.New(explain(faults))
	}
	return &file{service: service, model: &model.Model, check: check}, nil
}

// open writes "any further properties" in the spelling that the validator's
// strict mode respects, down to four levels: it reports properties that no schema
// declares, and takes additionalProperties: true for no declaration.
func open(text []byte) []byte {
	anything := "patternProperties: {'': true}"
	for range 3 {
		anything = "patternProperties: {'': {" + anything + "}}"
	}
	return bytes.ReplaceAll(text, []byte("additionalProperties: true"), []byte(anything))
}

// fileOf is the file that describes the request's public route, nil where none
// does. What is marked x-internal is answered by the services, not by the gateway.
func (c *Contract) fileOf(r *http.Request) *file {
	if strings.Contains(r.URL.Path+"/", "//") { // an empty parameter is no parameter
		return nil
	}
	for _, f := range c.files {
		item, errs, _ := paths.FindPath(r, f.model, nil)
		if item == nil || len(errs) > 0 {
			continue
		}
		if op, ok := item.GetOperations().Get(strings.ToLower(r.Method)); ok && !internal(op) {
			return f
		}
	}
	return nil
}

func internal(op *v3.Operation) bool {
	if op.Extensions == nil {
		return false
	}
	mark, ok := op.Extensions.Get("x-internal")
	return ok && mark.Value == "true"
}
