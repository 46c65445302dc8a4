package store

import (
	"context"
	"database/sql"
	"errors"

	"motcua/server/compile"
	"motcua/slides"
)

// Way is how a unit decides on what goes to its screens.
type Way string

// The ways. Direct: whoever has the right publishes at once; what others submit
// needs one approval. Approve: everything is submitted and approved by a second
// person. Review: and looked through by a third one before that.
const (
	AsAbove      Way = ""
	WayDirect    Way = "direct"
	WayApprove   Way = "approve"
	WayReview    Way = "review"
	ownAllowed       = "yes"
	ownForbidden     = "no"
)

// strictness orders the ways: of several units the strictest counts.
var strictness = map[Way]int{WayDirect: 1, WayApprove: 2, WayReview: 3}

// ApprovalRule is what a unit has set; empty fields take the parent's. Above the
// top stand WayDirect and "no": a small office, in which one person does it all,
// needs to set nothing.
type ApprovalRule struct {
	Way Way    `json:"way"`
	Own string `json:"own"` // "yes": who submits may approve it themselves; "no"; "" as above
}

// MayOwn says whether authors may approve what they submitted.
func (r ApprovalRule) MayOwn() bool { return r.Own == ownAllowed || r.Way == WayDirect }

// ApprovalRule is what a unit has set, and what holds there with what the units
// above it set.
func (s *Store) ApprovalRule(ctx context.Context, unit string) (own, holds ApprovalRule, err error) {
	const op = "store.ApprovalRule"
	err = s.read(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		if own, err = t.ownRule(unit); err != nil {
			return err
		}
		holds, err = t.ruleAt(unit)
		return err
	})
	return own, holds, err
}

// ApprovalOf is the rule for pieces of several units together: the strictest.
func (s *Store) ApprovalOf(ctx context.Context, units []string) (r ApprovalRule, err error) {
	err = s.read(ctx, "store.ApprovalOf", func(t *txn) error {
		r, err = t.ruleOf(units)
		return err
	})
	return r, err
}

func (t *txn) ownRule(unit string) (r ApprovalRule, err error) {
	err = t.row("SELECT way, own FROM unit_approval WHERE unit = ?", unit).Scan(&r.Way, &r.Own)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, err
}

// ruleAt is what holds in a unit ("": what belongs to none).
func (t *txn) ruleAt(unit string) (r ApprovalRule, err error) {
	cat, err := t.catalogue()
	if err != nil {
		return r, err
	}
	if unit != "" {
		for _, u := range cat.path(unit, t.now) {
			own, err := t.ownRule(u)
			if err != nil {
				return r, err
			}
			if r.Way == AsAbove {
				r.Way = own.Way
			}
			if r.Own == "" {
				r.Own = own.Own
			}
		}
	}
	if r.Way == AsAbove {
		r.Way = WayDirect
	}
	if r.Own == "" {
		r.Own = ownForbidden
	}
	return r, nil
}

func (t *txn) ruleOf(units []string) (ApprovalRule, error) {
	out := ApprovalRule{Way: WayDirect, Own: ownAllowed}
	seen := map[string]bool{}
	for _, u := range units {
		if seen[u] {
			continue
		}
		seen[u] = true
		r, err := t.ruleAt(u)
		if err != nil {
			return out, err
		}
		if strictness[r.Way] > strictness[out.Way] {
			out.Way = r.Way
		}
		if !r.MayOwn() {
			out.Own = ownForbidden
		}
	}
	return out, nil
}

// SetApprovalRule changes how a unit, and those below that set nothing else,
// decides. What is submitted already goes on by the rule it was submitted under.
func (s *Store) SetApprovalRule(ctx context.Context, a Actor, unit string, r ApprovalRule) error {
	const op = "store.SetApprovalRule"
	if r.Way != AsAbove && strictness[r.Way] == 0 {
		return invalid(op, "way", "Cách duyệt không có trong danh sách; hãy chọn lại.", "There is no such way to approve; choose one of the list.")
	}
	if r.Own != "" && r.Own != ownAllowed && r.Own != ownForbidden {
		return invalid(op, "own", "Hãy chọn có, không, hoặc theo đơn vị cấp trên.", "Choose yes, no, or as the unit above.")
	}
	return s.write(ctx, op, func(t *txn) error {
		if err := t.knownUnit(op, unit); err != nil {
			return err
		}
		old, err := t.ownRule(unit)
		if err != nil || old == r {
			return err
		}
		if err := t.exec("INSERT INTO unit_approval VALUES (?, ?, ?, ?) ON CONFLICT (unit) DO UPDATE SET way = excluded.way, own = excluded.own, updated = excluded.updated", unit, r.Way, r.Own, t.now); err != nil {
			return err
		}
		return t.audit(a, "unit.approval", "unit:"+unit, change(old, r))
	})
}

// places are the units besides the owner that have a say in a piece: the one under
// which it stands on the screens, if its draft was given to another since, and
// those that versions of an entry (0: none) name, by themselves or by kiosks and
// groups: what shows there is for their approvers, too, whoever owns the entry.
// One that is to show everywhere is its owner's alone.
func (t *txn) places(op string, ref ItemRef, versions ...int) (units []string, err error) {
	var on string
	switch err := t.row("SELECT live_unit FROM items WHERE type = ? AND id = ? AND live > 0 AND live_unit <> '' AND live_unit <> unit", ref.Type, ref.ID).Scan(&on); {
	case err == nil:
		units = append(units, on)
	case !errors.Is(err, sql.ErrNoRows):
		return nil, err
	}
	for _, v := range versions {
		if ref.Type != EntryItem || v == 0 {
			continue
		}
		b, err := t.version(op, ref, v)
		if err != nil {
			return nil, err
		}
		e, err := fromJSON[compile.Entry](string(b))
		if err != nil {
			return nil, err
		}
		units = append(units, e.Where.Units...)
		if len(e.Where.Kiosks)+len(e.Where.Groups) == 0 {
			continue
		}
		if err := t.each("SELECT DISTINCT unit FROM kiosks WHERE id IN (SELECT value FROM json_each(?1)) OR id IN (SELECT kiosk FROM kiosk_groups WHERE grp IN (SELECT value FROM json_each(?2)))",
			[]any{toJSON(e.Where.Kiosks), toJSON(e.Where.Groups)}, func(rows *sql.Rows) error {
				var u string
				err := rows.Scan(&u)
				units = append(units, u)
				return err
			}); err != nil {
			return nil, err
		}
	}
	return units, nil
}

// needsNobody refuses to publish at once what its units want to be approved.
// The system itself (the starter content, a restore) is not asked.
func (t *txn) needsNobody(op string, a Actor, items []Item) error {
	if a.User == "" && a.Name == "" {
		return nil
	}
	var units []string
	for _, i := range items {
		places, err := t.places(op, i.ItemRef, i.Version, i.Live)
		if err != nil {
			return err
		}
		units = append(append(units, i.Unit), places...)
	}
	r, err := t.ruleOf(units)
	if err != nil || r.Way == WayDirect {
		return err
	}
	return slides.E(slides.Denied, op, "Đơn vị này phát hành qua trình duyệt; hãy trình để người khác duyệt.", "This unit publishes by approval; submit it for somebody else to approve.", nil)
}
