package main

// film is where a video lies for its decoder.
func (k *Kiosk) film(sha string) (string, error) {
	path, err := k.vault.Blobs().File(sha)
	if err != nil {
		k.album.lost(err)
	}
	return path, err
}
