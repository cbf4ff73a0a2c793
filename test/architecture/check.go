package architecture

import (
	"fmt"
	"slices"
	"strings"
)

// Rule says what the packages it speaks of may be and import. What a field
// leaves out is not restricted.
type Rule struct {
	Name string
	// For names the packages (or single files: ./*/config.go) that the rule speaks of, Not the ones among them it leaves out.
	For, Not []string
	// Only lists all that they may import; Never what they may not, But the exceptions to that.
	Only, Never, But []string
	// Transitive looks through what the imports import.
	Transitive bool
	// Tests holds the rule against _test.go files too.
	Tests bool
	// Banned: such a package should not exist.
	Banned bool
	// Do tells whoever broke the rule what to do instead.
	Do string
}

// Violation is one breach of one rule.
type Violation struct {
	Rule  Rule
	Where string // file, or package where no file is to blame
	What  string
}

// String is what the failing test prints.
func (v Violation) String() string {
	return fmt.Sprintf("%s %s\n    rule: %s\n    do:   %s", v.Where, v.What, v.Rule.Name, v.Rule.Do)
}

// Check holds every rule against every package of the backend.
func Check(g Graph, rules []Rule) []Violation {
	var all []Violation
	for _, p := range g.own() {
		for _, r := range rules {
			all = append(all, r.check(g, p)...)
		}
	}
	return all
}

func (r Rule) check(g Graph, p Package) []Violation {
	if r.Banned {
		if _, ok := r.applies(p.Path, ""); ok {
			return []Violation{{r, p.Path, "should not exist"}}
		}
		return nil
	}
	var all []Violation
	for _, f := range p.Files {
		if bound, ok := r.applies(p.Path, f.Name); ok && (r.Tests || !f.Test) {
			all = append(all, r.checkFile(g, p, f, bound)...)
		}
	}
	return all
}

// applies: a pattern that ends in .go names a file, any other a package.
func (r Rule) applies(pkg, file string) (bindings, bool) {
	bound, ok := matchPlace(r.For, pkg, file, nil)
	if !ok {
		return nil, false
	}
	_, left := matchPlace(r.Not, pkg, file, bound)
	return bound, !left
}

func matchPlace(patterns []string, pkg, file string, bound bindings) (bindings, bool) {
	for _, p := range patterns {
		subject := pkg
		if strings.HasSuffix(p, ".go") {
			subject = pkg + "/" + file
		}
		if found, ok := match(p, subject, bound); ok {
			return found, true
		}
	}
	return nil, false
}

func (r Rule) checkFile(g Graph, p Package, f File, bound bindings) []Violation {
	var all []Violation
	for _, imported := range f.Imports {
		if imported == p.Path { // a test in the _test package
			continue
		}
		if chain := r.breach(g, imported, bound); chain != nil {
			all = append(all, Violation{r, p.Path + "/" + f.Name, "imports " + strings.Join(chain, ", which imports ")})
		}
	}
	return all
}

// breach is the way from the import to what the rule forbids, nil where all is well.
func (r Rule) breach(g Graph, imported string, bound bindings) []string {
	if r.forbids(imported, bound) {
		return []string{imported}
	}
	if !r.Transitive {
		return nil
	}
	var worst []string
	for reached, chain := range g.chains(imported) {
		if r.forbids(reached, bound) && (worst == nil || slices.Compare(chain, worst) < 0) {
			worst = chain
		}
	}
	return worst
}

func (r Rule) forbids(imported string, bound bindings) bool {
	if len(r.Only) > 0 && !matchAny(r.Only, imported, bound) {
		return true
	}
	return matchAny(r.Never, imported, bound) && !matchAny(r.But, imported, bound)
}
