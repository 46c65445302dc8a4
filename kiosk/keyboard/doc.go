// Package keyboard writes Vietnamese from key presses: Telex, VNI, or letters
// as they stand on their keys. It is pure; an Editor is a value and each key
// gives another one.
//
// Only the word at the end is composed. Its keys are kept, and the whole word
// is composed anew with each of them, so that marks and tone may be typed in
// any order: "tieengs", "tiengse" and "tieesng" all give "tiếng". The rules:
//
//   - A key that marks a letter or sets the tone does so only where what comes
//     out may still become a Vietnamese syllable. Otherwise it writes itself.
//   - A word that can't become one is shown as it was typed: "email", "website",
//     "windows". So is, once it is ended by a blank, a word with marks that is
//     no whole syllable: "user " and not "ủe ". A word of consonants keeps its
//     đ: "HĐND", "QĐ".
//   - The same key again takes its mark back and writes itself: ass→as, aaa→aa,
//     ddd→dd, uww→uw, a11→a1. So "tesst" is how to write "test", as "test" is
//     "tét"; no engine can tell these apart.
//   - z (VNI: 0) takes the tone away; w with no vowel to mark writes ư.
//   - Words after an @ are not composed: addresses have no marks.
//   - Erase takes the last letter that is seen, and its tone if it bears it; the
//     tone of what is left finds its place again. A word that a key has made un-Vietnamese
//     goes back to how it looked before that key. Erasing a blank makes the word
//     before it the one that is composed.
//
// The tone stands on the letter with a mark (ơ of ươ), else on the second of
// two vowels before a consonant and the middle one of three, else on the first
// of two; in oa, oe and uy without a final consonant it stands on the second in
// the new style (hoà, thuý) and on the first in the old one (hòa, thúy). The u
// of qu and the i of gi before a vowel are no vowels.
package keyboard
