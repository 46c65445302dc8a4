// Package sheet brings procedures from spreadsheets and back: XLSX, and CSV as
// Excel, LibreOffice and old systems write it.
//
// Reading has three steps, none of which writes anything. Open turns bytes into
// rows of text, within limits that a bomb can't pass. Guess proposes which
// column is which by the words of their headers; a person mends the Mapping.
// Compare lays the rows over the catalogue as it is and says of each whether it
// is new, changed (and in what), the same, or rejected and why.
//
// A decision's annex is a table made for people: a row that only names a field
// ("II. Lĩnh vực Việc làm") heads those below it, a row of column numbers is
// passed over, and an empty cell says nothing: it leaves what is there.
//
// The table of Columns serves both ways: what Write writes, Compare reads back
// to the same procedure.
package sheet
