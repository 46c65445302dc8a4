package auth

import (
	"slices"

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
	Publish      Right = "publish"       // make live, recall
	SeeKiosks    Right = "see-kiosks"    // list, health, screenshots
	RunKiosks    Right = "run-kiosks"    // pair, name, reload, restart, unpair
	Invite       Right = "invite"        // ask the citizen at a counter to rate
	SeeStats     Right = "see-stats"     // aggregated results
	ExportRating Right = "export-rating" // single ratings, redacted
	ExportFull   Right = "export-full"   // single ratings with every section
	SeeAudit     Right = "see-audit"
	ManageUsers  Right = "manage-users"
)

// table says who may do what: the one place where that is written.
var table = map[Right][]Role{
	SeeContent:   {Editor, Approver, Leader, Technician, Administrator},
	EditContent:  {Editor, Approver, Administrator},
	Publish:      {Approver, Administrator},
	SeeKiosks:    {Editor, Approver, Leader, Technician, Administrator},
	RunKiosks:    {Technician, Administrator},
	Invite:       {Editor, Approver, Leader, Technician, Administrator}, // whoever serves at a counter
	SeeStats:     {Editor, Approver, Leader, Administrator},
	ExportRating: {Leader, Administrator},
	ExportFull:   {Administrator},
	SeeAudit:     {Leader, Administrator},
	ManageUsers:  {Administrator},
}

// May says whether somebody with these roles has the right. Roles that are not
// known give nothing. Anyone is everybody's; every other right needs a role or
// (SignedIn) at least a session, for which signedIn stands.
func May(right Right, signedIn bool, roles []Role) bool {
	switch right {
	case Anyone:
		return true
	case SignedIn:
		return signedIn
	}
	return signedIn && slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(table[right], r) })
}
