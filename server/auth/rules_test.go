package auth

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/server/store"
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
	as := func(roles ...Role) *Session {
		s := &Session{}
		for _, r := range roles {
			s.User.Grants = append(s.User.Grants, store.Grant{Role: string(r)})
		}
		return s
	}
	var none *Session
	for _, r := range all {
		if got := none.May(r); got != (r == Anyone) {
			t.Errorf("%s without a session: %v", r, got)
		}
		if got := as().May(r); got != (r == Anyone || r == SignedIn) {
			t.Errorf("%s without a role: %v", r, got)
		}
		if as("root").May(r) && r != Anyone && r != SignedIn {
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
		if got := as(c.role).May(c.right); got != c.may {
			t.Errorf("%s %s: %v", c.role, c.right, got)
		}
	}
	if as(Roles...).May("no-such-right") {
		t.Error("a right that is not in the table is given")
	}
}

// A right holds in a unit exactly when walking up from it meets a unit in which
// a role gives it.
func TestReachByWalkingUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := map[string]string{}
		name := func(i int) string { return string(rune('a' + i)) }
		n := rapid.IntRange(1, 8).Draw(t, "units")
		for i := 1; i < n; i++ {
			if p := rapid.IntRange(-1, i-1).Draw(t, "parent"); p >= 0 {
				parents[name(i)] = name(p)
			}
		}
		var grants []store.Grant
		for range rapid.IntRange(0, 3).Draw(t, "grants") {
			g := store.Grant{Role: string(rapid.SampledFrom(append([]Role{"root"}, Roles...)).Draw(t, "role"))}
			if u := rapid.IntRange(-1, n-1).Draw(t, "unit"); u >= 0 {
				g.Unit = name(u)
			}
			grants = append(grants, g)
		}
		right := rapid.SampledFrom([]Right{EditContent, RunKiosks, SeeStats, ManageUsers}).Draw(t, "right")
		r := NewReach(right, grants, parents)
		holds := func(unit string) bool {
			for _, g := range grants {
				if !slices.Contains(table[right], Role(g.Role)) {
					continue
				}
				if g.Unit == "" {
					return true
				}
				for u := unit; u != ""; u = parents[u] {
					if u == g.Unit {
						return true
					}
				}
			}
			return false
		}
		any := holds("")
		for i := range n {
			u := name(i)
			any = any || holds(u)
			if r.In(u) != holds(u) {
				t.Fatalf("%v in %s of %v: %v", grants, u, parents, r.In(u))
			}
			below := false
			for j := range n {
				for up := parents[name(j)]; up != ""; up = parents[up] {
					below = below || up == u && slices.Contains(r.roots, name(j))
				}
			}
			if r.Above(u) != below {
				t.Fatalf("%v above %s of %v: %v", grants, u, parents, r.Above(u))
			}
		}
		if r.Anywhere() != any || r.Everywhere() != holds("") || r.In("") != holds("") {
			t.Fatalf("%v: %+v", grants, r)
		}
	})
	loop := NewReach(RunKiosks, []store.Grant{{Role: "admin", Unit: "x"}}, map[string]string{"a": "b", "b": "a"})
	if loop.In("a") || loop.Above("a") {
		t.Error("a loop is taken for a way up")
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
