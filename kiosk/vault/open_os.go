//go:build !js

package vault

// OpenFolder opens the vault in the folder at path, which it makes if it is not there.
func OpenFolder(path string, o Options) (*Vault, error) {
	d, err := NewFolder(path)
	if err != nil {
		return nil, broken("vault.OpenFolder", err)
	}
	return Open(d, o)
}
