package keyboard

import "strings"

// heads are the consonants that a syllable may begin with; kr is for names of
// the Central Highlands (Krông Pắk).
var heads = words("b c ch d đ g gh gi h k kh kr l m n ng ngh nh p ph q qu r s t th tr v x")

// rhymes are all that may follow, without tone. With k they end names (Đắk
// Lắk, Krông Búk); oo is for words from French (xoong, moóc).
var rhymes = spelt(
	"a ac ach ai am an ang anh ao ap at au ay",
	"ă ăc ăm ăn ăng ăp ăt ăk", "â âc âm ân âng âp ât âu ây",
	"e ec em en eng eo ep et", "ê êch êm ên ênh êp êt êu",
	"i ia ich im in inh ip it iu", "iêc iêm iên iêng iêp iêt iêu",
	"o oc oi om on ong op ot ooc oong",
	"oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oem oen oeo oet",
	"ô ôc ôi ôm ôn ông ôp ôt", "ơ ơi ơm ơn ơp ơt",
	"u ua uc ui um un ung up ut uk", "uân uâng uât uây uê uêch uênh uêu uơ",
	"uy uya uych uyên uyêt uyn uynh uyp uyt uyu", "uôc uôi uôm uôn uông uôp uôt",
	"ư ưa ưc ưi ưm ưng ưt ưu", "ươc ươi ươm ươn ương ươp ươt ươu",
	"y yêm yên yêng yêt yêu",
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

func spelt(lists ...string) (out [][]rune) {
	for _, l := range lists {
		for w := range strings.FieldsSeq(l) {
			out = append(out, []rune(w))
		}
	}
	return out
}

// unmarked are the letters without mark that a rhyme's may be typed as first.
var unmarked = map[rune]rune{'ă': 'a', 'â': 'a', 'ê': 'e', 'ô': 'o', 'ơ': 'o', 'ư': 'u'}

// rhymed says whether rhyme may follow head: as it stands (whole), or as the
// beginning of one whose marks may still be missing.
func rhymed(head string, rhyme []rune, whole bool) bool {
	first := rhyme[0]
	if m, ok := unmarked[first]; ok {
		first = m
	}
	front := first == 'e' || first == 'i' || first == 'y'
	switch head {
	case "c", "ng":
		if front {
			return false // k, ngh
		}
	case "g":
		if front && first != 'i' {
			return false // gh
		}
	case "gh", "ngh":
		if !front {
			return false
		}
	case "qu":
		if first == 'u' {
			return false
		}
		if first == 'y' { // quyên is qu + iên
			rhyme = append([]rune{'i'}, rhyme[1:]...)
		}
	case "gi":
		if first == 'i' || first == 'y' {
			return false // gì is g + i
		}
	}
	for _, r := range rhymes {
		if len(rhyme) > len(r) || whole && len(rhyme) != len(r) || head != "" && r[0] == 'y' && len(r) > 1 {
			continue
		}
		same := true
		for i, x := range rhyme {
			if x != r[i] && (whole || x != unmarked[r[i]]) {
				same = false
				break
			}
		}
		if same {
			return true
		}
	}
	return false
}

// stopped says whether a syllable ends in a stop, which bears only sắc and nặng.
func stopped(rhyme []rune) bool {
	switch rhyme[len(rhyme)-1] {
	case 'c', 'p', 't', 'k':
		return true
	case 'h':
		return len(rhyme) > 1 && rhyme[len(rhyme)-2] == 'c'
	}
	return false
}
