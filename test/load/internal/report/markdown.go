package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/loveapp/backend/test/load/internal/score"
)

//go:embed report.md.tmpl
var page string

// Markdown is the report for people.
func (r Report) Markdown() ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{
		"ms": milliseconds, "share": share, "mib": mib, "faults": faults[string], "cores": r.cores, "spread": spread, "phases": r.phases, "count": faults[score.Fault],
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, r); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return text.Bytes(), nil
}

func share(of float64) string { return fmt.Sprintf("%.3g %%", of*percent) }

func mib(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/mebibyte) }

// faults are the classes with their numbers, the most frequent first.
func faults[K ~string](all map[K]int64) string {
	names := slices.Sorted(maps.Keys(all))
	slices.SortStableFunc(names, func(a, b K) int { return int(all[b] - all[a]) })
	texts := make([]string, 0, len(names))
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%s %d", name, all[name]))
	}
	return strings.Join(texts, ", ")
}

// cores is how many cores a program kept busy.
func (r Report) cores(used time.Duration) string {
	if r.Seconds == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2f", used.Seconds()/r.Seconds)
}

// spread of the sockets that a program's processes hold: the root of nginx holds none to speak of.
func spread(sockets []int) string {
	if len(sockets) == 1 {
		return fmt.Sprint(sockets[0])
	}
	if len(sockets) == 0 {
		return ""
	}
	children := sockets[1:]
	return fmt.Sprintf("%d–%d in each of %d", slices.Min(children), slices.Max(children), len(children))
}

func (r Report) phases() string {
	texts := make([]string, 0, len(r.Profile.Phases))
	for _, p := range r.Profile.Phases {
		texts = append(texts, fmt.Sprintf("%s at %.0f/s", p.For, p.Rate))
	}
	return strings.Join(texts, ", then ")
}
