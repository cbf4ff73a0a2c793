package domain

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// SealNonceBytes is the size of a nonce of AES-GCM (NIST SP 800-38D section 5.2.1.1).
const SealNonceBytes = 12

var errNotOpened = errors.New("sealed by none of the secrets at hand")

// Seal encrypts what must be readable again (AES-256-GCM), bound to its owner:
// a row copied to another account opens nothing there. by names the key.
func (k Keys) Seal(plain, nonce []byte, owner UserID) (sealed []byte, by string, err error) {
	aead, err := k.sets[0].aead()
	if err != nil {
		return nil, "", err
	}
	return aead.Seal(append([]byte(nil), nonce...), nonce, plain, []byte(owner)), k.SealsBy(), nil
}

// Open decrypts what any of the secrets has sealed.
func (k Keys) Open(sealed []byte, owner UserID) ([]byte, error) {
	if len(sealed) < SealNonceBytes {
		return nil, errNotOpened
	}
	for _, set := range k.sets {
		aead, err := set.aead()
		if err != nil {
			return nil, err
		}
		if plain, err := aead.Open(nil, sealed[:SealNonceBytes], sealed[SealNonceBytes:], []byte(owner)); err == nil {
			return plain, nil
		}
	}
	return nil, errNotOpened
}

// SealsBy names the key that seals today, and tells nothing about it.
func (k Keys) SealsBy() string {
	sum := sha256.Sum256(append([]byte("loveapp seal name v1\n"), k.sets[0].seal...))
	return hex.EncodeToString(sum[:8])
}

func (s keySet) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.seal)
	if err != nil {
		return nil, fmt.Errorf("make the cipher: %w", err)
	}
	return cipher.NewGCM(block)
}
