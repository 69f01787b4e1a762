// Package query is the language of the search box and the segmentation behind
// it. Parse turns what a person typed into a tree, with a hint for everything
// it could not read as meant; Terms turns text into index terms, the same for
// a message and for a query.
//
// # Terms
//
// Text is read as a row of units: words (letters and digits of scripts that put
// blanks between words), characters (Han, Kana, Hangul, Thai and other scripts
// that do not), and symbols (emoji, currency signs). Units are folded: case,
// diacritics, compatibility forms, traditional Chinese. From the units come the
// terms:
//
//   - every word and every symbol as itself;
//   - two words joined by one punctuation mark and no blank ("2026/0042",
//     "example.com", "don't") also as a pair, "2026·0042", whatever the mark;
//   - a run of characters as its overlapping bigrams and its last character, so
//     that a lone character is found by a prefix search for it;
//   - an e-mail address also whole, its marks in their full-width forms:
//     "anna．lee＠example．com".
//
// Terms hold only lower-case ASCII letters, digits and bytes >= 0x80, and are
// at most MaxTerm bytes long. A word is cut after 64 bytes, in text and query
// alike.
package query
