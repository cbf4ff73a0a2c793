package token

// Published is the set that auth gave last, for whoever keeps it somewhere that
// outlives this machine; nil before auth has given one.
func (k *RemoteKeys) Published() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.published
}

// Offer gives it a set that was kept. It counts until auth gives one, in place
// of the file's, which only this machine has written.
func (k *RemoteKeys) Offer(set []byte) error {
	keys, err := readJWKS(set)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetched.IsZero() {
		k.keys = keys
	}
	return nil
}
