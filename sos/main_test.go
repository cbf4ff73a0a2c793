package sos_test

import (
	"testing"

	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
