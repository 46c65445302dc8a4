package auth

import (
	"slices"

	"motcua/server/compile"
	"motcua/server/store"
	"motcua/slides"
)

// Role is what a person is in the studio.
type Role string

// The roles. A person may have several.
const (
	Editor        Role = "editor"
	Approver      Role = "approver"
	Leader        Role = "leader"
	Technician    Role = "technician"
	Administrator Role = "admin"
)

// Roles lists them in the order of the studio.
var Roles = []Role{Editor, Approver, Leader, Technician, Administrator}

// RoleNames are their names for people.
var RoleNames = map[Role]slides.Text{
	Editor:        {"vi": "Biên tập", "en": "Editor"},
	Approver:      {"vi": "Duyệt", "en": "Approver"},
	Leader:        {"vi": "Lãnh đạo", "en": "Leader"},
	Technician:    {"vi": "Kỹ thuật", "en": "Technician"},
	Administrator: {"vi": "Quản trị", "en": "Administrator"},
}

// Right is one thing that a person may do. Every route of the studio names the
// right it needs.
type Right string

// The rights. Anyone needs no session; SignedIn needs one and no role.
const (
	Anyone       Right = "anyone"
	SignedIn     Right = "signed-in"
	SeeContent   Right = "see-content"   // slides, playlists, schedule
	EditContent  Right = "edit-content"  // write drafts, upload pictures
	Review       Right = "review"        // look through what others submit, where a unit wants that before the approval
	Publish      Right = "publish"       // approve and make live, recall
	Emergency    Right = "emergency"     // ask for and confirm an override of the screens
	SeeKiosks    Right = "see-kiosks"    // list, health, screenshots
	RunKiosks    Right = "run-kiosks"    // pair, name, reload, restart, unpair
	Invite       Right = "invite"        // ask the citizen at a counter to rate
	SeeStats     Right = "see-stats"     // aggregated results
	ExportRating Right = "export-rating" // single ratings, redacted
	ExportFull   Right = "export-full"   // single ratings with every section
	SeeLetters   Right = "see-letters"   // what citizens wrote, without how to reach them
	AnswerLetter Right = "answer-letter" // state, answer, and how to reach the writer
	SeeAudit     Right = "see-audit"
	SetUnits     Right = "set-units" // the tree: names, places, counters, officers
	SetDuty      Right = "set-duty"  // who serves at which counter
	ManageUsers  Right = "manage-users"
)

// table says who may do what: the one place where that is written.
var table = map[Right][]Role{
	SeeContent:   {Editor, Approver, Leader, Technician, Administrator},
	EditContent:  {Editor, Approver, Administrator},
	Review:       {Editor, Approver, Administrator}, // never the author: a colleague who knows the matter
	Publish:      {Approver, Administrator},
	Emergency:    {Approver, Leader, Administrator},
	SeeKiosks:    {Editor, Approver, Leader, Technician, Administrator},
	RunKiosks:    {Technician, Administrator},
	Invite:       {Editor, Approver, Leader, Technician, Administrator}, // whoever serves at a counter
	SeeStats:     {Editor, Approver, Leader, Administrator},
	ExportRating: {Leader, Administrator},
	ExportFull:   {Administrator},
	SeeLetters:   {Approver, Leader, Administrator},
	AnswerLetter: {Leader, Administrator},
	SeeAudit:     {Leader, Administrator},
	SetUnits:     {Administrator},
	SetDuty:      {Approver, Leader, Technician, Administrator},
	ManageUsers:  {Administrator},
}

// gives says whether a role gives a right. Roles that are not known give nothing.
func gives(role Role, right Right) bool { return slices.Contains(table[right], role) }

// Reach is where somebody has a right: everywhere, or in some units and all
// units below them. The zero value reaches nowhere.
type Reach struct {
	everywhere bool
	roots      []string          // units that a role was given in
	parents    map[string]string // the tree
}

// NewReach is where grants give a right in a tree of units, child to parent.
// Every right needs a role, but Anyone and SignedIn, which reach everywhere.
func NewReach(right Right, grants []store.Grant, parents map[string]string) Reach {
	if right == Anyone || right == SignedIn {
		return Reach{everywhere: true}
	}
	r := Reach{parents: parents}
	for _, g := range grants {
		switch {
		case !gives(Role(g.Role), right):
		case g.Unit == "":
			r.everywhere = true
		default:
			r.roots = append(r.roots, g.Unit)
		}
	}
	return r
}

// MayPublish says whether a user's grants let them publish for a unit of a tree,
// child to parent; it is the store's Options.MayPublish.
func MayPublish(u store.User, unit string, parents map[string]string) bool {
	return NewReach(Publish, u.Grants, parents).In(unit)
}

// Below reaches a unit and all below it; "" is everywhere. It is where a token of
// another system holds.
func Below(unit string, parents map[string]string) Reach {
	if unit == "" {
		return Reach{everywhere: true}
	}
	return Reach{roots: []string{unit}, parents: parents}
}

// Everywhere says whether the right holds in every unit and for what belongs to none.
func (r Reach) Everywhere() bool { return r.everywhere }

// Anywhere says whether it holds in any unit at all.
func (r Reach) Anywhere() bool { return r.everywhere || len(r.roots) > 0 }

// In says whether it holds in a unit; "" is what belongs to no unit, for which
// the right must hold everywhere.
func (r Reach) In(unit string) bool {
	if r.everywhere {
		return true
	}
	for n := 0; unit != "" && n < 40; n++ { // the store keeps trees below that depth
		if slices.Contains(r.roots, unit) {
			return true
		}
		unit = r.parents[unit]
	}
	return false
}

// Above says whether a unit lies above one in which the right holds: what it
// shares comes down to there.
func (r Reach) Above(unit string) bool {
	return slices.ContainsFunc(r.roots, func(root string) bool {
		for n := 0; root != "" && n < 40; n++ {
			if root = r.parents[root]; root == unit {
				return unit != ""
			}
		}
		return false
	})
}

// Covers says whether all places where an entry shows lie within the reach: what
// shows there is theirs to decide.
func (r Reach) Covers(w *compile.Where, kiosks []store.KioskStatus) bool {
	if r.everywhere {
		return true
	}
	if w.All || slices.ContainsFunc(w.Units, func(u string) bool { return !r.In(u) }) {
		return false
	}
	return !slices.ContainsFunc(kiosks, func(k store.KioskStatus) bool {
		named := slices.Contains(w.Kiosks, k.ID) || slices.ContainsFunc(k.Groups, func(g string) bool { return slices.Contains(w.Groups, g) })
		return named && !r.In(k.Unit)
	})
}
