package argon2id_test

import (
	"testing"

	"github.com/loveapp/backend/shared/argon2id"
)

// FuzzParsePHC: what is read as a hash is read alike when it is written again, and
// costs no more memory than is allowed.
func FuzzParsePHC(f *testing.F) {
	for _, seed := range []string{
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM0NTY$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHQxMjM0NTY$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=064,t=1,p=1$c29tZXNhbHQxMjM0NTY$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2i$v=19$m=64,t=1,p=1$$", "$2b$10$abcdefghijklmnopqrstuv", "$argon2id$v=19$t=1,m=64,p=1$c29t$AAAA", "", "$$$$$$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		again, memory, err := argon2id.ParsePHC(text)
		if err != nil {
			return
		}
		if same, _, err := argon2id.ParsePHC(again); err != nil || same != again || memory > 256<<10 {
			t.Errorf("%q is read as %q, %d KiB, and that as %q: %v", text, again, memory, same, err)
		}
	})
}
