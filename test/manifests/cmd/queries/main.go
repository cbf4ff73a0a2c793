// Command queries prints every query of the dashboards, each on a line after where it
// stands and a tab. It runs in the root of the repository.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const dashboards = "deployments/observability/grafana/dashboards/*.json"

type dashboard struct {
	Title  string `json:"title"`
	Panels []struct {
		Title   string `json:"title"`
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	files, err := filepath.Glob(dashboards)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // the repository's own
		if err != nil {
			return err
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				fmt.Fprintf(&lines, "%s / %s\t%s\n", d.Title, panel.Title, target.Expr)
			}
		}
	}
	_, err = io.WriteString(out, lines.String())
	return err
}
