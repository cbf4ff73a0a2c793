package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
)

func TestAPolicyThatMakesNoSenseIsRefusedFieldByField(t *testing.T) {
	t.Parallel()
	if err := domain.DefaultPolicy().Check(); err != nil {
		t.Fatalf("the built-in policy: %v", err)
	}
	for name, tc := range map[string]struct {
		change func(*domain.Policy)
		fields string
	}{
		"no level":                   {func(p *domain.Policy) { p.Levels = nil }, "levels"},
		"eleven levels":              {func(p *domain.Policy) { p.Levels = make([]domain.Level, 11) }, "levels"},
		"a first level that waits":   {func(p *domain.Policy) { p.Levels[0].After = time.Second }, "levels[0].afterSeconds"},
		"levels out of order":        {func(p *domain.Policy) { p.Levels[2].After = p.Levels[1].After }, "levels[2].afterSeconds"},
		"a level after days":         {func(p *domain.Policy) { p.Levels[2].After = 48 * time.Hour }, "levels[2].afterSeconds"},
		"a level for nobody":         {func(p *domain.Policy) { p.Levels[1].Targets = nil }, "levels[1].targets"},
		"an unknown audience":        {func(p *domain.Policy) { p.Levels[1].Targets = []domain.Target{{"police", domain.Channels()}} }, "levels[1].targets[0].who"},
		"an audience twice":          {func(p *domain.Policy) { p.Levels[0].Targets[1].Who = domain.ToContacts }, "levels[0].targets[1].who"},
		"no channel":                 {func(p *domain.Policy) { p.Levels[0].Targets[0].Channels = nil }, "levels[0].targets[0].channels"},
		"an unknown channel":         {func(p *domain.Policy) { p.Levels[0].Targets[0].Channels = []domain.Channel{"fax"} }, "levels[0].targets[0].channels[0]"},
		"a channel twice":            {func(p *domain.Policy) { p.Levels[0].Targets[0].Channels = []domain.Channel{"sms", "sms"} }, "levels[0].targets[0].channels[1]"},
		"a repetition every second":  {func(p *domain.Policy) { p.Repeat = time.Second }, "repeatSeconds"},
		"a no-show after no time":    {func(p *domain.Policy) { p.NoShow = 0 }, "noShowSeconds"},
		"several mistakes all named": {func(p *domain.Policy) { p.NoShow, p.Repeat = 0, 0 }, "repeatSeconds noShowSeconds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := domain.DefaultPolicy()
			tc.change(&p)
			var refused *fault.Error
			if !errors.As(p.Check(), &refused) {
				t.Fatal("taken")
			}
			var fields []string
			for _, f := range refused.Fields {
				fields = append(fields, f.Field)
			}
			if got := strings.Join(fields, " "); got != tc.fields && !strings.HasPrefix(got, tc.fields+" levels") {
				t.Errorf("wrong: %s", got)
			}
		})
	}
}
