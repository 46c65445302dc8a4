package scene

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

//go:embed compounds.txt
var compoundData string

// compounds holds the two-syllable words that a line end should not split,
// lower case; longer words stand as their overlapping pairs.
var compounds = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(compoundData) {
		w := strings.Fields(line)
		for i := 0; i+1 < len(w); i++ {
			m[w[i]+" "+w[i+1]] = true
		}
	}
	return m
})

// bare is a word without the punctuation around it.
func bare(w string) string {
	return strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// openers are words that begin a phrase: a line may well begin with one and
// looks unfinished when it ends with one.
var openers = wordSet("và hoặc hay cho của trong tại với để khi nếu từ đến bằng về theo do là mà nhưng vì nên thì qua trên dưới sau trước giữa không được bị đã đang sẽ " +
	"các những mọi mỗi and or of for in at with to when if from by on the a an that is are")

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
