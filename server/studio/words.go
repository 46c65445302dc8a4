package studio

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

// languages of the studio, the first is the default.
var languages = []string{"vi", "en"}

//go:embed words/*.json
var wordFiles embed.FS

// words are all texts of the studio: key to language to text, in which
// fmt verbs stand for what is filled in.
type words map[string]map[string]string

func loadWords() (words, error) {
	all := words{}
	names, err := fs.Glob(wordFiles, "words/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := wordFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var part words
		if err := json.Unmarshal(b, &part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for k, v := range part {
			if _, twice := all[k]; twice {
				return nil, fmt.Errorf("%s: key %q is there twice", name, k)
			}
			all[k] = v
		}
	}
	return all, nil
}

// has says whether there is such a text.
func (w words) has(key string) bool { return w[key] != nil }

// say is the text of key in lang; a key that is not there stands for itself,
// so that a slip shows and harms nothing.
func (w words) say(lang, key string, args ...any) string {
	t, ok := w[key][lang]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return t
	}
	return fmt.Sprintf(t, args...)
}
