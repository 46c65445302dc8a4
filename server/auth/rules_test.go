package auth

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRights(t *testing.T) {
	all := []Right{Anyone, SignedIn}
	for r, roles := range table {
		all = append(all, r)
		if !slices.Contains(roles, Administrator) {
			t.Errorf("%s: not even an administrator may", r)
		}
		for _, role := range roles {
			if !slices.Contains(Roles, role) {
				t.Errorf("%s: there is no role %q", r, role)
			}
		}
	}
	for _, r := range all {
		if got := May(r, false, Roles); got != (r == Anyone) {
			t.Errorf("%s without a session: %v", r, got)
		}
		if got := May(r, true, nil); got != (r == Anyone || r == SignedIn) {
			t.Errorf("%s without a role: %v", r, got)
		}
		if May(r, true, []Role{"root"}) && r != Anyone && r != SignedIn {
			t.Errorf("%s: an unknown role may", r)
		}
	}
	for _, c := range []struct {
		role  Role
		right Right
		may   bool
	}{
		{Editor, EditContent, true},
		{Editor, Publish, false},
		{Editor, ManageUsers, false},
		{Editor, ExportRating, false},
		{Approver, Publish, true},
		{Approver, RunKiosks, false},
		{Leader, SeeStats, true},
		{Leader, ExportRating, true},
		{Leader, ExportFull, false},
		{Leader, EditContent, false},
		{Technician, RunKiosks, true},
		{Technician, SeeStats, false},
		{Technician, EditContent, false},
	} {
		if got := May(c.right, true, []Role{c.role}); got != c.may {
			t.Errorf("%s %s: %v", c.role, c.right, got)
		}
	}
	if May("no-such-right", true, Roles) {
		t.Error("a right that is not in the table is given")
	}
	var none *Session
	if none.May(SignedIn) || !none.May(Anyone) {
		t.Error("no session")
	}
}

// The wait starts after the free tries, never shrinks, and never becomes a lock.
func TestWait(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.IntRange(0, 50).Draw(t, "free")
		n := rapid.IntRange(0, 1_000_000).Draw(t, "failures")
		w := Wait(n, free)
		if n < free && w != 0 || n >= free && w < FirstWait || w > MaxWait || w < Wait(n-1, free) {
			t.Fatalf("Wait(%d, %d) = %v", n, free, w)
		}
	})
	if Wait(FreeTries+3, FreeTries) != 8*FirstWait {
		t.Error("it does not double")
	}
}

func TestAddressKey(t *testing.T) {
	same := [][]string{
		{"10.0.0.7:1234", "10.0.0.7:99", "10.0.0.7", "[::ffff:10.0.0.7]:5"},
		{"[2001:db8:1:2::1]:80", "[2001:db8:1:2:ffff::9]:81", "2001:db8:1:2::3"},
		{"", "nonsense", "a:b:c"},
	}
	seen := map[string]int{}
	for i, group := range same {
		for _, a := range group {
			k := AddressKey(a)
			if j, ok := seen[k]; ok && j != i {
				t.Errorf("%q shares a key with another group", a)
			}
			seen[k] = i
		}
	}
	if len(seen) != len(same) {
		t.Errorf("keys: %v", seen)
	}
}

func TestTokens(t *testing.T) {
	a, b := NewToken(), NewToken()
	if a == b || len(a) != 43 || Digest(a) == Digest(b) || len(Digest(a)) != 64 {
		t.Error(a, b)
	}
	for _, bad := range []string{"", "x", a + "A", a[1:], a + "=", "../../etc/passwd"} {
		if Digest(bad) != "" {
			t.Errorf("%q has a digest", bad)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "1 giây", 59 * time.Second: "59 giây", time.Minute: "1 phút", 61 * time.Second: "2 phút", 15 * time.Minute: "15 phút"} {
		if vi, _ := span(d); vi != want {
			t.Errorf("%v: %q", d, vi)
		}
	}
}

// A device cookie opens nothing but its own account's own count.
func TestDeviceCookie(t *testing.T) {
	g := &Guard{device: []byte("key of this server")}
	c := g.newDevice("Mai")
	if _, ok := g.readDevice(c, "mai"); !ok {
		t.Error("its own cookie is not known")
	}
	other := &Guard{device: []byte("another server")}
	for _, bad := range []string{"", ".", c + "x", "x" + c, other.newDevice("mai"), g.newDevice("lan")} {
		if _, ok := g.readDevice(bad, "mai"); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}
