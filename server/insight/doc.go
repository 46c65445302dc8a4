// Package insight turns what the store counted into what a manager reads: an
// index with its interval for each form, factor, kiosk, day and hour of the
// week, and the geometry of the charts that show it. It is pure: numbers in,
// numbers out; words and colours belong to the pages.
//
// # What is not shown
//
// Ratings are anonymous, but a colleague who saw the only citizen of the
// morning press a face would know the answer. So:
//
//   - a share (an index, a distribution) over fewer than MinShown ratings is
//     withheld; the number of ratings is not a secret and stays, except that a
//     cell finer than the day (hour of the week) says "fewer than 5";
//   - where exactly one of several parts of a shown whole is withheld, the
//     smallest of the others is withheld too: else a subtraction would tell.
//
// A share over fewer than FewRatings ratings is shown with a caution.
package insight
