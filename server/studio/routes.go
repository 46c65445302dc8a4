package studio

import (
	"motcua/server/auth"
	"motcua/slides/kinds"
)

// route is one row of the table of everything that the studio answers. right
// is what its caller must have: the one place where a page is opened to anyone.
type route struct {
	method, path string
	right        auth.Right
	body         int64 // most bytes of a body; 0: formBody
	serve        func(*request) error
}

// Most bytes of a form: a slide with every language filled to its limit needs
// about 100 KiB in URL encoding. A picture comes with its slide's form.
const (
	formBody    = 512 << 10
	pictureBody = maxPicture + formBody
	filmBody    = kinds.MaxFilm + pictureBody // with files only, see handler
)

func (s *server) table() []route {
	const get, post = "GET", "POST"
	return []route{
		{get, "/{$}", auth.Anyone, 0, s.toStudio},
		{get, "/studio/assets/{file}", auth.Anyone, 0, s.asset},
		{post, "/studio/language", auth.Anyone, 0, s.setLanguage},
		{get, "/studio/sign-in", auth.Anyone, 0, s.signInPage},
		{post, "/studio/sign-in", auth.Anyone, 0, s.signIn},
		{get, "/studio/setup", auth.Anyone, 0, s.setupPage},
		{post, "/studio/setup", auth.Anyone, 0, s.setup},
		{get, "/studio/sign-in/code", auth.Anyone, 0, s.codePage},
		{post, "/studio/sign-in/code", auth.Anyone, 0, s.code},
		{post, "/studio/sign-in/passkey/begin", auth.Anyone, 0, s.passkeyBegin},
		{post, "/studio/sign-in/passkey", auth.Anyone, 0, s.passkeySignIn},
		{get, "/studio/sign-in/sso", auth.Anyone, 0, s.oidcBegin},
		{get, "/studio/sign-in/sso/return", auth.Anyone, 0, s.oidcReturn},
		{get, "/studio/join", auth.Anyone, 0, s.joinPage},
		{post, "/studio/join", auth.Anyone, 0, s.join},
		{post, "/studio/sign-out", auth.SignedIn, 0, s.signOut},

		{get, "/studio/{$}", auth.SignedIn, 0, s.home},
		{get, "/studio/account", auth.SignedIn, 0, s.account},
		{post, "/studio/account/password", auth.SignedIn, 0, s.changePassword},
		{post, "/studio/account/sign-out-everywhere", auth.SignedIn, 0, s.signOutEverywhere},
		{post, "/studio/account/sessions/end", auth.SignedIn, 0, s.endSession},
		{get, "/studio/account/totp", auth.SignedIn, 0, s.totpPage},
		{post, "/studio/account/totp", auth.SignedIn, 0, s.totpOn},
		{post, "/studio/account/totp/off", auth.SignedIn, 0, s.totpOff},
		{post, "/studio/account/passkeys/begin", auth.SignedIn, 0, s.passkeyNew},
		{post, "/studio/account/passkeys", auth.SignedIn, 0, s.passkeyAdd},
		{post, "/studio/account/passkeys/remove", auth.SignedIn, 0, s.passkeyRemove},
		{get, "/studio/account/link", auth.SignedIn, 0, s.oidcLink},

		{get, "/studio/slides", auth.SeeContent, 0, s.slideList},
		{get, "/studio/new-slide", auth.EditContent, 0, s.slideKinds},
		{get, "/studio/new-slide/{kind}", auth.EditContent, 0, s.slideNew},
		{post, "/studio/new-slide/{kind}", auth.EditContent, filmBody, s.slideSave},
		{get, "/studio/slides/{id}", auth.SeeContent, 0, s.slideEdit},
		{post, "/studio/slides/{id}", auth.EditContent, filmBody, s.slideSave},
		{post, "/studio/slides/{id}/draft", auth.EditContent, pictureBody, s.slideDraft},
		{post, "/studio/slides/{id}/draft/drop", auth.EditContent, 0, s.slideDraftDrop},
		{post, "/studio/new-slide/{kind}/draft", auth.EditContent, pictureBody, s.slideDraft},
		{post, "/studio/new-slide/{kind}/draft/drop", auth.EditContent, 0, s.slideDraftDrop},
		{get, "/studio/preview", auth.SignedIn, 0, s.previewPage},
		{get, "/studio/slides/{id}/picture/{shape}", auth.SeeContent, 0, s.slidePicture},
		{post, "/studio/slides/{id}/duplicate", auth.EditContent, 0, s.slideDuplicate},
		{post, "/studio/slides/{id}/delete", auth.EditContent, 0, s.slideDelete},
		{post, "/studio/slides/{id}/recall", auth.Publish, 0, s.slideRecall},
		{get, "/studio/slides/{id}/poster", auth.SeeContent, 0, s.slidePoster},
		{get, "/studio/blobs/{sha}", auth.SeeContent, 0, s.blobPicture},

		{get, "/studio/media", auth.SeeContent, 0, s.mediaList},
		{post, "/studio/media", auth.EditContent, mediaBody, s.mediaUpload},
		{get, "/studio/media-pick", auth.SeeContent, 0, s.mediaPick},
		{get, "/studio/media/{id}", auth.SeeContent, 0, s.mediaFile},
		{post, "/studio/media/{id}", auth.EditContent, 0, s.mediaRename},
		{post, "/studio/media/{id}/delete", auth.EditContent, 0, s.mediaRemove},
		{post, "/studio/media/{id}/restore", auth.EditContent, 0, s.mediaRestore},
		{get, "/studio/media/{id}/{size}", auth.SeeContent, 0, s.mediaBytes},
		{get, "/studio/feeds", auth.SeeContent, 0, s.feeds},
		{post, "/studio/feeds", auth.EditContent, 0, s.feedAdd},
		{post, "/studio/feeds/{id}", auth.EditContent, 0, s.feedSave},
		{post, "/studio/feed-items", auth.Publish, 0, s.feedDecide},
		{post, "/studio/uploads", auth.EditContent, 0, s.uploadNew},
		{"HEAD", "/studio/uploads/{id}", auth.EditContent, 0, s.uploadGoOn},
		{"PATCH", "/studio/uploads/{id}", auth.EditContent, 0, s.uploadGoOn},
		{"DELETE", "/studio/uploads/{id}", auth.EditContent, 0, s.uploadGoOn},

		{get, "/studio/publish", auth.EditContent, 0, s.publishPage},
		{post, "/studio/publish", auth.Publish, 0, s.publish},
		{get, "/studio/submissions", auth.EditContent, 0, s.submissionList},
		{post, "/studio/submissions", auth.EditContent, 0, s.submit},
		{get, "/studio/submissions/{id}", auth.EditContent, 0, s.submissionPage},
		{get, "/studio/submissions/{id}/picture/{slide}/{shape}", auth.EditContent, 0, s.submissionPicture},
		{post, "/studio/submissions/{id}/review", auth.Review, 0, s.submissionReview},
		{post, "/studio/submissions/{id}/approve", auth.Publish, 0, s.submissionApprove},
		{post, "/studio/submissions/{id}/reject", auth.Review, 0, s.submissionReject},
		{post, "/studio/submissions/{id}/withdraw", auth.EditContent, 0, s.submissionWithdraw},
		{post, "/studio/submissions/{id}/publish", auth.Publish, 0, s.submissionPublish},
		{get, "/studio/publications", auth.SeeContent, 0, s.publicationList},
		{get, "/studio/publications/{id}", auth.SeeContent, 0, s.publicationPage},
		{post, "/studio/publications/{id}/recall", auth.Publish, 0, s.publicationRecall},
		{post, "/studio/publications/{id}/again", auth.Publish, 0, s.publicationAgain},

		{get, "/studio/playlists", auth.SeeContent, 0, s.playlistList},
		{get, "/studio/playlists/new", auth.EditContent, 0, s.playlistEdit},
		{post, "/studio/playlists/new", auth.EditContent, 0, s.playlistSave},
		{get, "/studio/playlists/{id}", auth.SeeContent, 0, s.playlistEdit},
		{post, "/studio/playlists/{id}", auth.EditContent, 0, s.playlistSave},
		{post, "/studio/playlists/{id}/delete", auth.EditContent, 0, s.playlistDelete},
		{get, "/studio/playlists/{id}/poster", auth.SeeContent, 0, s.playlistPoster},

		{get, "/studio/procedures", auth.SeeContent, 0, s.procedureList},
		{post, "/studio/procedures/settings", auth.Publish, 0, s.procedureSettings},
		{get, "/studio/procedures/export", auth.SeeContent, 0, s.procedureExport},
		{get, "/studio/procedures/sheet", auth.SeeContent, 0, s.fieldSheet},
		{get, "/studio/procedures/new", auth.EditContent, 0, s.procedureEdit},
		{post, "/studio/procedures/new", auth.EditContent, 0, s.procedureSave},
		{get, "/studio/procedures/{id}", auth.SeeContent, 0, s.procedureEdit},
		{post, "/studio/procedures/{id}", auth.EditContent, 0, s.procedureSave},
		{get, "/studio/procedures/{id}/sheet", auth.SeeContent, 0, s.procedureSheet},
		{post, "/studio/procedures/{id}/review", auth.EditContent, 0, s.procedureReview},
		{post, "/studio/procedures/{id}/restore", auth.EditContent, 0, s.procedureRestore},
		{post, "/studio/procedures/{id}/delete", auth.EditContent, 0, s.procedureDelete},
		{get, "/studio/imports", auth.EditContent, 0, s.importList},
		{post, "/studio/imports", auth.EditContent, importBody, s.importUpload},
		{get, "/studio/imports/{id}", auth.EditContent, 0, s.importView},
		{post, "/studio/imports/{id}", auth.EditContent, 0, s.importDo},
		{post, "/studio/imports/{id}/undo", auth.EditContent, 0, s.importUndo},
		{get, "/studio/postings", auth.SeeContent, 0, s.postingList},
		{post, "/studio/postings", auth.EditContent, 0, s.postingAdd},
		{post, "/studio/postings/{id}/remove", auth.EditContent, 0, s.postingRemove},

		{get, "/studio/schedule", auth.SeeContent, 0, s.entryList},
		{get, "/studio/schedule/new", auth.EditContent, 0, s.entryEdit},
		{post, "/studio/schedule/new", auth.EditContent, 0, s.entrySave},
		{post, "/studio/schedule/say", auth.EditContent, 0, s.entrySay},
		{get, "/studio/calendar", auth.SeeContent, 0, s.calendarPage},
		{get, "/studio/emergencies", auth.Emergency, 0, s.emergencyList},
		{post, "/studio/emergencies", auth.Emergency, 0, s.emergencyAsk},
		{get, "/studio/emergencies/{id}", auth.Emergency, 0, s.emergencyPage},
		{post, "/studio/emergencies/{id}", auth.Emergency, 0, s.emergencyDo},
		{get, "/studio/workdays", auth.SeeContent, 0, s.workdaysHome},
		{get, "/studio/workdays/{id}", auth.SeeContent, 0, s.workdaysPage},
		{post, "/studio/workdays/{id}", auth.EditContent, 0, s.workdaysSave},
		{get, "/studio/kiosks/{id}/shows", auth.SeeContent, 0, s.kioskShows},
		{get, "/studio/calendar/events", auth.SeeContent, 0, s.calendarEvents},
		{post, "/studio/calendar/place", auth.EditContent, 0, s.calendarPlace},
		{post, "/studio/calendar/move", auth.EditContent, 0, s.calendarMove},
		{post, "/studio/calendar/undo", auth.EditContent, 0, s.calendarUndo},
		{get, "/studio/schedule/{id}", auth.SeeContent, 0, s.entryEdit},
		{post, "/studio/schedule/{id}", auth.EditContent, 0, s.entrySave},
		{post, "/studio/schedule/{id}/delete", auth.EditContent, 0, s.entryDelete},

		{get, "/studio/kiosks", auth.SeeKiosks, 0, s.kioskList},
		{get, "/studio/kiosks/approve", auth.RunKiosks, 0, s.approvePage},
		{post, "/studio/kiosks/approve", auth.RunKiosks, 0, s.approve},
		{post, "/studio/kiosks/refuse", auth.RunKiosks, 0, s.refuse},
		{get, "/studio/kiosks/{id}", auth.SeeKiosks, 0, s.kioskPage},
		{get, "/studio/kiosks/{id}/settings", auth.RunKiosks, 0, s.kioskSettings},
		{post, "/studio/kiosks/{id}/settings", auth.RunKiosks, pictureBody, s.kioskSave},
		{get, "/studio/kiosks/{id}/copy", auth.RunKiosks, 0, s.kioskCopyPage},
		{post, "/studio/kiosks/{id}/copy", auth.RunKiosks, 0, s.kioskCopy},
		{get, "/studio/kiosk-copies/{id}", auth.RunKiosks, 0, s.kioskCopied},
		{post, "/studio/kiosk-copies/{id}/undo", auth.RunKiosks, 0, s.kioskCopyUndo},
		{get, "/studio/kiosks/{id}/screenshot", auth.SeeKiosks, 0, s.screenshot},
		{post, "/studio/kiosks/{id}/command", auth.RunKiosks, 0, s.command},
		{post, "/studio/kiosks/{id}/invite", auth.Invite, 0, s.invite},
		{post, "/studio/kiosks/{id}/unpair", auth.RunKiosks, 0, s.unpair},
		{post, "/studio/kiosks/{id}/name", auth.RunKiosks, 0, s.kioskRename},
		{post, "/studio/kiosks-chosen", auth.RunKiosks, 0, s.fleetChosen},
		{post, "/studio/kiosk-labels", auth.RunKiosks, 0, s.fleetLabel},
		{post, "/studio/kiosk-orders", auth.RunKiosks, 0, s.fleetOrder},
		{get, "/studio/kiosk-orders/{id}", auth.SeeKiosks, 0, s.fleetOutcome},

		{get, "/studio/units", auth.SeeKiosks, 0, s.unitList},
		{get, "/studio/units/{id}", auth.SeeKiosks, 0, s.unitPage},
		{post, "/studio/units/{id}", auth.RunKiosks, 0, s.unitSave},
		{post, "/studio/units/{id}/approval", auth.SetUnits, 0, s.unitApproval},
		{get, "/studio/units/{id}/tree", auth.SetUnits, 0, s.unitTree},
		{post, "/studio/units/{id}/tree", auth.SetUnits, 0, s.unitTreeSave},
		{get, "/studio/units/{id}/below", auth.SetUnits, 0, s.unitBelow},
		{post, "/studio/units/{id}/below", auth.SetUnits, 0, s.unitNew},
		{get, "/studio/new-unit", auth.SetUnits, 0, s.unitRoot},
		{post, "/studio/new-unit", auth.SetUnits, 0, s.unitNew},
		{get, "/studio/units/{id}/desks", auth.SeeKiosks, 0, s.desks},
		{post, "/studio/units/{id}/counters", auth.SetUnits, 0, s.counterSave},
		{post, "/studio/units/{id}/officers", auth.SetUnits, 0, s.officerSave},
		{post, "/studio/units/{id}/duty", auth.SetDuty, 0, s.dutySet},

		{get, "/studio/statistics", auth.SeeStats, 0, s.statistics},
		{post, "/studio/statistics/export", auth.ExportRating, 0, s.export},

		{get, "/studio/letters", auth.SeeLetters, 0, s.letterList},
		{get, "/studio/letters/{id}", auth.SeeLetters, 0, s.letterPage},
		{post, "/studio/letters/{id}", auth.AnswerLetter, 0, s.letterSave},
		{post, "/studio/letters/{id}/contact", auth.AnswerLetter, 0, s.letterContact},

		{get, "/studio/users", auth.ManageUsers, 0, s.userList},
		{get, "/studio/users/new", auth.ManageUsers, 0, s.userNew},
		{post, "/studio/users/new", auth.ManageUsers, 0, s.userInvite},
		{get, "/studio/users/{id}", auth.ManageUsers, 0, s.userEdit},
		{post, "/studio/users/{id}", auth.ManageUsers, 0, s.userSave},
		{post, "/studio/users/{id}/do", auth.ManageUsers, 0, s.userDo},

		{get, "/studio/tokens", auth.ManageUsers, 0, s.tokens},
		{post, "/studio/tokens", auth.ManageUsers, 0, s.tokenAdd},
		{post, "/studio/tokens/{id}/revoke", auth.ManageUsers, 0, s.tokenRevoke},
		{get, "/studio/interface", auth.ManageUsers, 0, s.apiReference},

		{get, "/studio/audit", auth.SeeAudit, 0, s.audit},
		{post, "/studio/audit/verify", auth.SeeAudit, 0, s.auditVerify},
		{post, "/studio/audit/export", auth.SeeAudit, 0, s.auditExport},
	}
}
