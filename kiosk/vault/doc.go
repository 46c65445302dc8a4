// Package vault is the kiosk's disk: the identity, blobs, manifests, the outbox
// of ratings, and plays. It keeps what it has said it keeps over kill -9, power
// cuts and full disks, and where the medium itself rots it says what was lost.
//
// # Layout
//
// All names are below the data folder, which one process locks ("lock").
//
//	key               Ed25519 seed of a pairing under way; gone once paired
//	identity          kiosk id, server key and address, chain, class, epoch (Identity)
//	disk              a random name of this disk
//	clock             the newest known time
//	state             which manifests are previous, active, pending; the newest taken
//	notes/<name>      small things of other rooms (SaveNote)
//	blobs/ab/<sha>    a blob; <sha> begins with ab
//	partial/<sha>     a blob being fetched in ranges
//	manifests/<sha>   a manifest's bytes as sent; <sha>.sig the signature over them
//	quarantine/       the newest few damaged files, for a look
//	plays/log, state  what was shown
//	outbox/<chain>/   one chain of ratings: its key, identity, state, gaps, mark,
//	                  <seq>.seg, spare-<n>
//	letters/<chain>/  likewise, a pairing's chain of letters (letter.ChainOf)
//
// The small files (key, identity, disk, clock, notes, every state, gaps) are
// written twice, as <name>.1 and <name>.2, each with a generation and a CRC: a
// power cut between the two leaves a whole one, and one rotten file costs nothing.
// Other files appear by temporary name, Sync, rename and SyncDir. Keys are files
// of mode 0600 in folders of mode 0700.
//
// A crash at any point leaves either the old or the new. Manifests flip by one
// write of state, made only when every blob is on the medium; so the active one
// is always complete, until a blob rots: that is set aside when read, counts as
// missing, and is fetched again. A damaged active manifest gives way to the
// previous one at Open.
//
// # Why no rating vanishes
//
// Segments (<seq of the first record>.seg) are preallocated with zeros, so that a
// record overwrites blocks that are there. A record is a frame that begins on a
// sector and shares none: a torn write or a rotten sector stays one record's, and
// reading finds the next frame after any damage. Append writes the frame and syncs
// it, then writes the mark (newest seq and its header's hash, alternately to two
// sectors) and syncs that, and only then returns. So at Open:
//
//   - The mark names seq N: record N was on the medium. If it is not there whole
//     now, the medium lost it: a gap. Bits flipped, sectors zeroed, the file cut
//     or gone make no difference, for nothing is inferred from the look of the tail.
//   - A whole record N+1 behind the mark: its Append had not returned, but it may
//     have been a moment from doing so. It is taken: nothing is lost by that.
//   - Anything else behind the mark was never thanked for: the torn rest of an
//     Append that did not return. It is wiped and no gap is made of it, so that a
//     power cut never looks like a loss.
//   - A mark that is itself unreadable (a power cut leaves each sector old or new,
//     so the medium rotted): the other one is at most one record behind. If there
//     is anything but zeros behind the newest whole record, or the file is short,
//     one record more is stated as lost: a hole too many rather than one hidden.
//
// One flush would be cheaper than two, but then a newest record that rotted and
// one that was never finished look alike. Two flushes in order are what tells
// them apart, and on an eMMC they take a few milliseconds of the 100 promised.
//
// A Sync that fails leaves unknown bytes behind it, and the next Sync of the same
// pages may succeed without them (Linux drops them). The record is wiped and
// refused, and the next goes to another segment, whose name says that what stands
// in the old one from that seq on does not count.
//
// # Gaps
//
// A record that is lost is stated as a signed chain.Gap when it is about to be
// sent, not before: if the server has it already (its acknowledgement was lost
// with it), there is nothing to state. A gap is durable before Unacked returns it;
// should the medium give the record after all, the gap stands. Its Prev and Next
// come from the neighbours' headers or the mark. Only where the newest record and
// the mark are both lost is Next a filler; that gap is made at Open, because the
// chain goes on from it.
//
// The server may have more than this disk: an acknowledgement was lost in a power
// cut, and the records after it. What it names then counts for the lost records:
//
//   - Its position lies in a gap: the gap is stated again from there on, with the
//     server's hash as Prev and Next as it was.
//   - The chain ends in a gap with a filler, or a mark was lost and nothing written
//     since, and the position is at the end or past it: the chain goes on from there.
//   - The chain goes on behind a filler while the server is away: the next number is
//     left unused and stated as lost too. That gap can be stated again to join the
//     server's hash or the filler, so that the ratings behind it fit either way.
//
// A disk that is whole is never overruled: a position past its end makes it an old
// copy (Conflict, pair again), for the next signed head vouches for all before it.
// Still a fork, and a matter for people: both marks rot with more than the newest
// record, or the newest record is wiped to zeros together with its mark, the server
// has it, and ratings are taken before the server says so.
//
// # Space
//
// In a browser, or wherever nothing need outlive the process, the same vault runs
// on a Memory; give it at least 128 MiB of budget, which costs nothing until used.
//
// Blobs stay below MaxBlobs and leave Reserve bytes free; they make room by
// evicting what no kept manifest reaches, oldest first, and are refused after
// that. A few spare segments are kept ready, so that thousands of ratings still
// fit when something else has filled the disk. When a segment must be made and
// there is no room, unreachable blobs go, then acknowledged ratings, oldest first;
// after that Append refuses with kind Full, before anything was promised. Plays
// become hourly sums.
//
// # Concurrency
//
// All methods may be called from any goroutine; typically the screen's appends
// while the link's sends. Locks are taken in the order an outbox or manifests, blobs,
// vault. Append waits for at most one batch being read. Values that methods return
// are the caller's, except a *Manifest, which is shared and read only.
package vault
