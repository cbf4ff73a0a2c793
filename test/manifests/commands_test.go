package manifests_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commands are what a page asks its reader to type: between backticks, or in a
// block that is indented by four.
func commands(page string) (all []string) {
	for _, found := range quoted.FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	block := false // not the rest of a list's item, which has no empty line before it
	for line := range strings.Lines(page) {
		typed, indented := strings.CutPrefix(line, "    ")
		if block = indented && block || line == "\n"; block && indented {
			all = append(all, strings.TrimSpace(typed))
		}
	}
	return all
}

var (
	ours   = regexp.MustCompile(`^(?:\./)?(?:(?:auth|gateway|notification|sos|shared|test|deployments)/[\w./-]+|run-migrations\.sh|\.ci/\w+|\.env\.example|nginx\.conf)$`)
	method = regexp.MustCompile(`\.[A-Z]\w*$`)
	linked = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

func TestEveryPathThatAPageNamesIsThere(t *testing.T) {
	t.Parallel()
	// Made by a program or its reader, or any.
	made := []string{"deployments/nginx/tls", "shared/x"}
	for _, page := range pages {
		text := read(t, page)
		var named []string
		for _, command := range commands(text) {
			for word := range strings.FieldsSeq(command) {
				if ours.MatchString(word) {
					named = append(named, method.ReplaceAllString(word, ""))
				}
			}
		}
		for _, found := range linked.FindAllStringSubmatch(text, -1) {
			named = append(named, found[1])
		}
		for _, name := range named {
			if _, err := os.Stat(filepath.Join(root(t), name)); err != nil && !slices.Contains(made, path.Clean(name)) {
				t.Errorf("%s names %s, which is not there", page, name)
			}
		}
		if page == "README.md" && len(named) < 30 {
			t.Errorf("only %d paths of it are looked for: %q", len(named), named)
		}
	}
}

// Direct dependencies, by their module files: those that ARCHITECTURE.md explains.
func TestEveryLibraryIsExplained(t *testing.T) {
	t.Parallel()
	page := read(t, "ARCHITECTURE.md")
	direct := regexp.MustCompile(`(?m)^(?:require )?\t?([a-z0-9.-]+\.[a-z]+/\S+) v\S+$`) // an indirect one has a comment
	explained := 0
	for _, module := range []string{"auth", "gateway", "notification", "sos", "shared", "deployments/allinone", "deployments/local", "test"} {
		for _, found := range direct.FindAllStringSubmatch(read(t, module+"/go.mod"), -1) {
			name := regexp.MustCompile(`/v\d+$`).ReplaceAllString(found[1], "")
			if strings.HasPrefix(name, "github.com/loveapp/") {
				continue
			}
			if explained++; !strings.Contains(page, path.Base(name)) {
				t.Errorf("%s uses %s, of which ARCHITECTURE.md says nothing", module, name)
			}
		}
	}
	if explained < 30 {
		t.Errorf("only %d libraries are looked for", explained)
	}
}
