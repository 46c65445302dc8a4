package store

import (
	"slices"

	"motcua/slides"
)

// SubmissionState is how a submission stands.
type SubmissionState string

// The states: waits for the first step; looked through, waits for the approval;
// approved for a time that has not come; and how it may end: on the screens,
// sent back with a reason, taken back, or approved but not to be published as it
// is any more.
const (
	Submitted SubmissionState = "submitted"
	Reviewed  SubmissionState = "reviewed"
	Approved  SubmissionState = "approved"
	Published SubmissionState = "published"
	Rejected  SubmissionState = "rejected"
	Withdrawn SubmissionState = "withdrawn"
	Failed    SubmissionState = "failed"
)

// Open says whether something is still to be done about it.
func (s SubmissionState) Open() bool { return s == Submitted || s == Reviewed || s == Approved }

// Submission is content on its way to the screens: exact versions, which stay
// what they are while their author edits on.
type Submission struct {
	ID       string
	Unit     string // the lowest unit that all pieces belong to, "" for none: its approvers decide
	Title    string
	Note     string
	State    SubmissionState
	Way      Way    // as it was when this was submitted, like Own
	Own      bool   // the author may approve it
	Now      bool   // flip at once, not at the next slide boundary
	By       string // user id, or "token:" and a token's
	Maker    string // who made that token, "" for a user's: a program is the hand of somebody
	Created  slides.Millis
	Updated  slides.Millis
	Reviewer string // user id, "" before
	Approver string
	Due      slides.Millis // when to publish; 0: with the approval
	Accepted []string      // the findings that the approver took upon themselves, in words of the rule
	Revision int64         // of its publication, 0 before

	Items []SubmissionItem
	Steps []SubmissionStep // oldest first; only of a single one
}

// SubmissionItem is one piece at an exact version.
type SubmissionItem struct {
	ItemRef
	Unit     string
	Version  int           // to go live, 0: to be taken off the screens
	Base     int           // live when it was submitted, 0: none
	Recalled slides.Millis // when it had been recalled by then, 0: it had not
	SHA      string        // of the version's bytes
	Title    string
}

// SubmissionStep is one thing that was done with a submission.
type SubmissionStep struct {
	At   slides.Millis
	By   string // user id; "" the server, at the time that was set
	Verb string // submit, review, approve, reject, withdraw, publish, fail, lapse (the approval did not hold until its time)
	Why  slides.Text
}

// ItemAt is a piece of content as somebody saw it.
type ItemAt struct {
	ItemRef
	Version int // of the draft
}

// SubmitRequest says what is submitted.
type SubmitRequest struct {
	Items []ItemAt
	Title string // "": after the first piece
	Note  string
	Now   bool
	// The findings that who publishes takes upon themselves, in words; of
	// PublishVersions only.
	Accepted []string
}

// Decision is an approval.
type Decision struct {
	Due      slides.Millis // when to publish; 0: at once
	Accepted []string
	Note     string
}

// SubmissionFilter picks submissions, newest change first.
type SubmissionFilter struct {
	Units  []string // that they are of; nil all
	States []SubmissionState
	By     string // user id, "" anybody
	Limit  int    // default 50
	Offset int
}

// Step is the newest step of a verb, the zero step where there is none.
func (s Submission) Step(verb string) SubmissionStep {
	for _, st := range slices.Backward(s.Steps) {
		if st.Verb == verb {
			return st
		}
	}
	return SubmissionStep{}
}

// Lapsed is the step by which its approval came undone at the time that was set,
// while nobody has decided on it anew; else the zero step.
func (s Submission) Lapsed() SubmissionStep {
	if n := len(s.Steps); n > 0 && s.Steps[n-1].Verb == "lapse" {
		return s.Steps[n-1]
	}
	return SubmissionStep{}
}

// MayReview says whether a user may take the first step of two: anybody with
// the right but the author.
func (s Submission) MayReview(user string) bool {
	return s.State == Submitted && s.Way == WayReview && !s.Author(user)
}

// Author says whether a user submitted it, with their own hand or a token's.
func (s Submission) Author(user string) bool {
	return user == s.By || s.Maker != "" && user == s.Maker
}

// MayApprove says whether a user may approve it now: not before it was looked
// through where that is asked, not who looked through it, and not the author
// unless the units let them.
func (s Submission) MayApprove(user string) bool {
	ready := s.State == Submitted && s.Way != WayReview || s.State == Reviewed
	return ready && (!s.Author(user) || s.Own) && (s.Reviewer == "" || user != s.Reviewer)
}
